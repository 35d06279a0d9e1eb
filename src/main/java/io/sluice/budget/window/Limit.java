package io.sluice.budget.window;

import java.time.Duration;
import java.util.OptionalInt;

/** A vendor's limit: so many calls in a window of time, or so many at once. */
public sealed interface Limit {
    /** The name in configuration, metrics and snapshots, unique in its account. */
    String name();

    /** How many calls the vendor allows, at least 1. */
    int permits();

    /**
     * At most {@code permits} calls in any window, as counted by the vendor's {@code limiter}.
     *
     * @param window from 1 ms to 366 days
     * @param burst how many calls an idle limit takes at once: of a {@link Limiter#BUCKET} its depth, of any other no
     *     more than its permits; {@link #NO_BURST} if that is not stated, and then a bucket is as deep as its permits
     * @param tick the steps in which the vendor reads its clock: from 1 ns to the window
     */
    record Rate(String name, int permits, Duration window, Limiter limiter, int burst, Duration tick) implements Limit {
        /** The value of a burst that is not stated. */
        public static final int NO_BURST = 0;

        /** Vendors count in milliseconds, unless a sheet says otherwise (pacing rules, "What makes a call safe"). */
        public static final Duration MILLISECOND = Duration.ofMillis(1);

        private static final Duration SHORTEST = Duration.ofMillis(1);
        private static final Duration LONGEST = Duration.ofDays(366);

        public Rate {
            checkNamed(name, permits);
            if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "window of limit " + name + " must be from 1 ms to 366 days: " + window);
            }
            if (burst < NO_BURST) {
                throw new IllegalArgumentException("burst of limit " + name + " must be at least 1: " + burst);
            }
            if (burst > 1 && limiter == Limiter.UNKNOWN) {
                throw new IllegalArgumentException(
                        "limit " + name + " has the limiter unknown, which is paced evenly; to" + " let a burst of "
                                + burst + " go, say `window`");
            }
            if (burst > permits && limiter != Limiter.BUCKET) {
                throw new IllegalArgumentException("burst of limit " + name + " must be at most its " + permits
                        + " permits, unless its limiter is bucket: " + burst);
            }
            if (!tick.isPositive() || tick.compareTo(window) > 0) {
                throw new IllegalArgumentException(
                        "tick of limit " + name + " must be from 1 ns to its window: " + tick);
            }
        }

        /** A limit of a vendor that counts in milliseconds. */
        public Rate(String name, int permits, Duration window, Limiter limiter, int burst) {
            this(name, permits, window, limiter, burst, MILLISECOND);
        }

        /**
         * The same limit with other numbers. Without a new burst the present one stays, as far as the limiter allows
         * for one and a window has so many permits.
         *
         * @throws IllegalArgumentException if they are invalid
         */
        public Rate changed(int newPermits, Duration newWindow, Limiter newLimiter, OptionalInt newBurst) {
            int kept = switch (newLimiter) {
                case BUCKET -> burst;
                case FIXED -> Math.min(burst, newPermits);
                case WINDOW, SLIDING, COUNTER -> newLimiter == limiter ? Math.min(burst, newPermits) : NO_BURST;
                case UNKNOWN -> NO_BURST;
            };
            Duration keptTick = tick.compareTo(newWindow) < 0 ? tick : newWindow;
            return new Rate(name, newPermits, newWindow, newLimiter, newBurst.orElse(kept), keptTick);
        }

        /** The same limit of a vendor that reads its clock in other steps. */
        public Rate ticking(Duration newTick) {
            return new Rate(name, permits, window, limiter, burst, newTick);
        }

        /** Returns true if calls on an idle limit go at once, and not each one slot after the other. */
        public boolean bursts() {
            return limiter == Limiter.WINDOW || burst > 1;
        }

        /** A limit whose limiter is {@link Limiter#UNKNOWN}, so without bursts. */
        public static Rate of(String name, int permits, Duration window) {
            return new Rate(name, permits, window, Limiter.UNKNOWN, NO_BURST);
        }

        /** A limit that is documented as so many calls in a window, {@link Limiter#WINDOW}. */
        public static Rate window(String name, int permits, Duration window) {
            return new Rate(name, permits, window, Limiter.WINDOW, NO_BURST);
        }
    }

    /** At most {@code permits} calls that are sent and have no response yet. */
    record Concurrency(String name, int permits) implements Limit {
        public Concurrency {
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
