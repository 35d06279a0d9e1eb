package io.sluice.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The client's connection to Sluice: reports when the client disconnects, and can be closed. */
public final class ClientConnection {
    private static final String WATCHERS = "sluice.watchers";

    private ClientConnection() {}

    /** Returns a future that completes when the client disconnects, and at once if it has disconnected. */
    public static CompletableFuture<Void> disconnected(RoutingContext routing) {
        CompletableFuture<Void> disconnected = new CompletableFuture<>();
        watch(routing, () -> disconnected.complete(null));
        return disconnected;
    }

    /**
     * Runs {@code disconnected} when the client disconnects or has disconnected, possibly more than once. While the
     * response streams, the framework replaces the response's handlers by its own, so there the connection is watched;
     * with HTTP/2 it is not this call's alone.
     */
    public static void watch(RoutingContext routing, Runnable disconnected) {
        watchers(routing).add(disconnected);
        if (routing.response().closed()) {
            disconnected.run();
        }
    }

    private static Watchers watchers(RoutingContext routing) {
        Watchers known = routing.get(WATCHERS);
        if (known != null) {
            return known;
        }
        Watchers watchers = new Watchers();
        routing.put(WATCHERS, watchers);
        routing.addEndHandler(end -> {
            if (end.failed()) {
                watchers.run();
            }
        });
        if (routing.request().version() != HttpVersion.HTTP_2) {
            // The connection may outlive the request for long, and must not keep the request's objects.
            WeakReference<Runnable> watched = new WeakReference<>(watchers);
            routing.request().connection().closeHandler(closed -> {
                Runnable current = watched.get();
                if (current != null) {
                    current.run();
                }
            });
        }
        return watchers;
    }

    /** The callbacks of one connection, which itself accepts only one. Thread-safe. */
    private static final class Watchers implements Runnable {
        private final List<Runnable> watching = new ArrayList<>(2); // guarded by this

        synchronized void add(Runnable disconnected) {
            watching.add(disconnected);
        }

        @Override
        public void run() {
            List<Runnable> all;
            synchronized (this) {
                all = List.copyOf(watching);
            }
            all.forEach(Runnable::run);
        }
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
