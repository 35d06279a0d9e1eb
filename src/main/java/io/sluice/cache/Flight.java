package io.sluice.cache;

import io.sluice.call.Call;
import io.sluice.call.Result;
import java.util.concurrent.CompletableFuture;

/**
 * One read on its way, and how many wait for it. Whoever leaves takes nobody else along; when the last one leaves, the
 * call leaves the queue. Thread-safe.
 */
final class Flight {
    /** How a flight ended. */
    sealed interface FlightResult {
        /** With an answer for everybody. */
        record Shared(BufferedResponse answer, boolean unknown) implements FlightResult {}

        /** Without one. */
        record Unanswered(Result result) implements FlightResult {}

        /** With an answer that only one can have, or with nothing: whoever waits must ask itself. */
        record Unshareable() implements FlightResult {}
    }

    final Call call;
    final long since;
    final CompletableFuture<FlightResult> flightResult = new CompletableFuture<>();

    private int members = 1; // guarded by this

    /**
     * @param call made for all of them
     * @param since the moment before it begins, on the cache's time of invalidation
     */
    Flight(Call call, long since) {
        this.call = call;
        this.since = since;
    }

    synchronized int members() {
        return members;
    }

    /** Adds one who waits; false if all have left, so that nothing may come. */
    synchronized boolean join() {
        if (members == 0) {
            return false;
        }
        members++;
        return true;
    }

    /** The leaving of one member, which counts once however often it is run. */
    Runnable leaving() {
        return new Runnable() {
            private boolean left; // guarded by the flight

            @Override
            public void run() {
                boolean last;
                synchronized (Flight.this) {
                    last = !left && --members == 0;
                    left = true;
                }
                if (last) {
                    call.abandon();
                }
            }
        };
    }
}
