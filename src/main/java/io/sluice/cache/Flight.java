package io.sluice.cache;

import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.Result;
import java.util.concurrent.CompletableFuture;

/**
 * A read in flight that equal reads share, with the number of those that wait for it. A member that leaves does not end
 * the flight for the others; when the last one leaves, the call leaves the queue. Thread-safe.
 */
final class Flight {
    /** The end of a flight. */
    sealed interface FlightResult {
        /** It ended with a response for all members. */
        record Shared(BufferedResponse answer, boolean unknown) implements FlightResult {}

        /** It ended without a response. */
        record Unanswered(Result result) implements FlightResult {}

        /**
         * It ended with a response that only one member can have, or with nothing: each of the others must make its own
         * call.
         */
        record Unshareable() implements FlightResult {}
    }

    final Call call;
    final long since;
    final CompletableFuture<FlightResult> flightResult = new CompletableFuture<>();

    private int members = 1; // guarded by this

    /**
     * @param call the call made for all members
     * @param since the moment before it begins, on the cache's time of invalidation
     */
    Flight(Call call, long since) {
        this.call = call;
        this.since = since;
    }

    synchronized int members() {
        return members;
    }

    /** Adds a member; false if all have left, so that there may be no response. */
    synchronized boolean join() {
        if (members == 0) {
            return false;
        }
        members++;
        return true;
    }

    /** Returns the action by which one member leaves, which counts once however often it is run. */
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
