package io.sluice.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;

/** The client's connection to Sluice: reports when the client disconnects, and can be closed. */
public final class ClientConnection {
    private static final String DISCONNECTED = "sluice.disconnected";

    private ClientConnection() {}

    /**
     * Returns the future that completes when the client disconnects, and at once if it has disconnected; always the same
     * one for the same request. While the response streams, the framework replaces the response's handlers by its own,
     * so the connection is watched; with HTTP/2 it is not this call's alone.
     */
    public static CompletableFuture<Void> disconnected(RoutingContext routing) {
        CompletableFuture<Void> known = routing.get(DISCONNECTED);
        if (known != null) {
            return known;
        }
        CompletableFuture<Void> disconnected = new CompletableFuture<>();
        routing.put(DISCONNECTED, disconnected);
        routing.addEndHandler(end -> {
            if (end.failed()) {
                disconnected.complete(null);
            }
        });
        if (routing.request().version() != HttpVersion.HTTP_2) {
            // The connection may outlive the request for long, and must not keep the request's objects.
            WeakReference<CompletableFuture<Void>> watched = new WeakReference<>(disconnected);
            routing.request().connection().closeHandler(closed -> {
                CompletableFuture<Void> current = watched.get();
                if (current != null) {
                    current.complete(null);
                }
            });
        }
        if (routing.response().closed()) {
            disconnected.complete(null);
        }
        return disconnected;
    }

    /** Runs {@code action} once, when the client disconnects or if it has disconnected. */
    public static void watch(RoutingContext routing, Runnable action) {
        CompletableFuture<Void> _ = disconnected(routing).thenRun(action);
    }

    /**
     * Closes the connection and waits until it is closed, so that nothing that comes later can look like a proper end.
     */
    public static void breakOff(HttpServerRequest caller) {
        if (caller.version() == HttpVersion.HTTP_2) {
            caller.response().reset();
        } else {
            caller.connection()
                    .close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
    }
}
