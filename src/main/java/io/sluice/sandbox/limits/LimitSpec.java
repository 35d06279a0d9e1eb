package io.sluice.sandbox.limits;

import java.time.Duration;

/**
 * The specification of one limit in numbers.
 *
 * @param permits calls per {@code window}
 * @param burst depth of a bucket; other kinds ignore it
 * @param phase how far the windows on the clock are shifted from the epoch; only {@code FIXED} and {@code COUNTER} use
 *     it
 */
public record LimitSpec(String name, LimiterKind limiter, int permits, Duration window, int burst, Duration phase) {
    static final int MAX_PERMITS = 1_000_000;

    public LimitSpec {
        atLeastOne(name, "permits", permits);
        atLeastOne(name, "burst", burst);
        if (permits > MAX_PERMITS || burst > MAX_PERMITS) {
            throw new IllegalArgumentException("limit %s: permits and burst must be at most %d: %d, %d"
                    .formatted(name, MAX_PERMITS, permits, burst));
        }
        if (window.isNegative() || window.isZero() || window.compareTo(Duration.ofDays(31)) > 0) {
            throw new IllegalArgumentException(
                    "limit %s: window must be positive and at most 31 days: %s".formatted(name, window));
        }
        if (window.toNanos() > Long.MAX_VALUE / 4 / permits) {
            throw new IllegalArgumentException(
                    "limit %s: permits times window is too large: %d in %s".formatted(name, permits, window));
        }
        if (phase.isNegative() || phase.compareTo(window) >= 0) {
            throw new IllegalArgumentException(
                    "limit %s: phase must be at least zero and less than the window: %s".formatted(name, phase));
        }
    }

    private static void atLeastOne(String name, String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("limit %s: %s must be at least 1: %d".formatted(name, what, value));
        }
    }

    public static LimitSpec of(String name, LimiterKind limiter, int permits, Duration window) {
        return new LimitSpec(name, limiter, permits, window, permits, Duration.ZERO);
    }

    /** A new limiter with these numbers, for one scope. */
    Limiter limiterInstance() {
        return switch (limiter) {
            case FIXED -> new FixedWindow(permits, window.toNanos(), phase.toNanos());
            case SLIDING -> new SlidingLog(permits, window.toNanos());
            case COUNTER -> new SlidingCounter(permits, window.toNanos(), phase.toNanos());
            case BUCKET -> new TokenBucket(permits, window.toNanos(), burst);
        };
    }
}
