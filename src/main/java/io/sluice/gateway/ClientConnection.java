package io.sluice.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The client's connection to Sluice. */
public final class ClientConnection {
    private static final String WATCHERS = "sluice.watchers";

    private ClientConnection() {}

    /** Completes when the caller leaves, and at once if it has left. */
    static CompletableFuture<Void> disconnected(RoutingContext routing) {
        CompletableFuture<Void> disconnected = new CompletableFuture<>();
        watch(routing, () -> disconnected.complete(null));
        return disconnected;
    }

    /**
     * Tells when the caller leaves or has left, possibly more than once. While the answer streams, the framework
     * listens to the response in our place and tells nobody, so there the connection is watched; with HTTP/2 it is not
     * this call's alone.
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
            // The connection may outlive the request for long, and must not keep what belongs to it.
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

    /** Those who are told when the caller leaves. A connection tells one only. Thread-safe. */
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

    /** Waits until the connection is closed, so that nothing that comes later can look like a proper end. */
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
