package io.sluice.budget;

import java.time.Duration;
import java.util.OptionalInt;

/** How much a vendor allows: so many calls in a window of time, or so many at once. */
public sealed interface Limit {
    /** The name in configuration, metrics and snapshots, unique in its account. */
    String name();

    /** How many calls the vendor allows, at least 1. */
    int permits();

    /**
     * At most {@code permits} calls in any window, as counted by the vendor's {@code limiter}.
     *
     * @param window from 1 ms to 366 days
     * @param burst how many calls a rested {@link Limiter#BUCKET} or {@link Limiter#FIXED} takes at once; otherwise 1
     */
    record Rate(String name, int permits, Duration window, Limiter limiter, int burst) implements Limit {
        private static final Duration SHORTEST = Duration.ofMillis(1);
        private static final Duration LONGEST = Duration.ofDays(366);

        public Rate {
            checkNamed(name, permits);
            if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "window of limit " + name + " must be from 1 ms to 366 days: " + window);
            }
            if (burst < 1) {
                throw new IllegalArgumentException("burst of limit " + name + " must be at least 1: " + burst);
            }
            if (burst > 1 && limiter != Limiter.BUCKET && limiter != Limiter.FIXED) {
                throw new IllegalArgumentException(
                        "burst of limit " + name + " needs the limiter bucket or fixed, not " + limiter);
            }
        }

        /**
         * The same limit with other numbers. Where no burst is given it stays, as far as the limiter allows for one and
         * a fixed window has so many permits.
         *
         * @throws IllegalArgumentException if they cannot be right
         */
        public Rate changed(int newPermits, Duration newWindow, Limiter newLimiter, OptionalInt newBurst) {
            int kept = switch (newLimiter) {
                case BUCKET -> burst;
                case FIXED -> Math.min(burst, newPermits);
                case UNKNOWN, SLIDING, COUNTER -> 1;
            };
            return new Rate(name, newPermits, newWindow, newLimiter, newBurst.orElse(kept));
        }

        /** A limit whose limiter is {@link Limiter#UNKNOWN}, so without bursts. */
        public static Rate of(String name, int permits, Duration window) {
            return new Rate(name, permits, window, Limiter.UNKNOWN, 1);
        }
    }

    /** At most {@code permits} calls sent and not yet answered. */
    record InFlight(String name, int permits) implements Limit {
        public InFlight {
            checkNamed(name, permits);
        }
    }

    private static void checkNamed(String name, int permits) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a limit needs a name");
        }
        if (permits < 1) {
            throw new IllegalArgumentException("permits of limit " + name + " must be at least 1: " + permits);
        }
    }
}
