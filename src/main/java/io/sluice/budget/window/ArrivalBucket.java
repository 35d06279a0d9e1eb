package io.sluice.budget.window;

/**
 * Arrivals at a token bucket that takes a burst at once and then refills evenly. It refills from a call's response on,
 * so it is kept busy only if its depth covers the calls in flight.
 */
final class ArrivalBucket extends Arrivals {
    private final int depth;

    private long nanosPerPermit;
    private long fullAt = Long.MIN_VALUE / 2;

    ArrivalBucket(Limit.Rate limit) {
        depth = limit.burst();
        nanosPerPermit = Math.ceilDiv(limit.window().toNanos(), limit.permits());
    }

    /** Sets the time of one permit's refill from now on; the deficit stays the same. */
    void refillEvery(long now, long nanos) {
        if (nanos != nanosPerPermit) {
            if (fullAt > now) {
                long missing = fullAt - now;
                long part = missing % nanosPerPermit;
                // A part of a permit counts as a whole one where its product would not fit: that is on the safe side.
                long rest = part <= Long.MAX_VALUE / nanos ? Math.ceilDiv(part * nanos, nanosPerPermit) : nanos;
                fullAt = now + missing / nanosPerPermit * nanos + rest;
            }
            nanosPerPermit = nanos;
        }
    }

    @Override
    long roomAt(long now, int wanted, int capacity) {
        long missing = (long) inFlight() + Math.min(wanted, capacity);
        if (missing > capacity) {
            return Times.NEVER;
        }
        return Math.max(now, fullAt + (missing - capacity) * nanosPerPermit);
    }

    /** The deficit cannot exceed the depth. */
    @Override
    void arrived(long latest, int permits) {
        long full = Math.max(fullAt, latest) + permits * nanosPerPermit;
        fullAt = Math.max(fullAt, Math.min(full, latest + depth * nanosPerPermit));
    }

    @Override
    void discard(int permits) {
        fullAt -= permits * nanosPerPermit;
    }

    @Override
    long used(long now) {
        return inFlight() + Math.max(0, Math.ceilDiv(fullAt - now, nanosPerPermit));
    }

    @Override
    boolean isEmpty(long now) {
        return used(now) == 0;
    }

    int depth() {
        return depth;
    }

    /** The nanoseconds in which it refills one permit. */
    long refill() {
        return nanosPerPermit;
    }

    @Override
    long forecast(long now, long ahead, int capacity) {
        return Math.max(now, Math.max(fullAt, now) + (inFlight() + ahead + 1 - capacity) * nanosPerPermit);
    }
}
