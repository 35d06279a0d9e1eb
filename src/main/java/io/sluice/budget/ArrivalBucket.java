package io.sluice.budget;

/**
 * A bucket that takes a burst at once and then refills evenly. It fills again from a call's answer on, so it is kept
 * busy only if its depth covers the calls in flight.
 */
final class ArrivalBucket implements Arrivals {
    private final int depth;

    private long nanosPerPermit;
    private long fullAt = Long.MIN_VALUE / 2;
    private int inFlight;

    ArrivalBucket(Limit.Rate limit) {
        depth = limit.burst();
        nanosPerPermit = Math.ceilDiv(limit.window().toNanos(), limit.permits());
    }

    /** Refills one permit in that time from now on; what is missing stays missing. */
    void refillEvery(long now, long nanos) {
        if (nanos != nanosPerPermit) {
            if (fullAt > now) {
                fullAt = now + (long) Math.ceil((double) (fullAt - now) / nanosPerPermit * nanos);
            }
            nanosPerPermit = nanos;
        }
    }

    @Override
    public long roomAt(long now, int wanted, int capacity) {
        long missing = (long) inFlight + Math.min(wanted, capacity);
        if (missing > capacity) {
            return Meter.NEVER;
        }
        return Math.max(now, fullAt + (missing - capacity) * nanosPerPermit);
    }

    @Override
    public void take(int permits) {
        inFlight += permits;
    }

    @Override
    public void giveBack(int permits) {
        inFlight -= permits;
    }

    @Override
    public void settle(long latest, int permits) {
        inFlight -= permits;
        fill(latest, permits);
    }

    /** Counts permits as having arrived at {@code latest}. More than all of it cannot be missing. */
    void fill(long latest, int permits) {
        long full = Math.max(fullAt, latest) + permits * nanosPerPermit;
        fullAt = Math.max(fullAt, Math.min(full, latest + depth * nanosPerPermit));
    }

    @Override
    public void forget(int permits) {
        fullAt -= permits * nanosPerPermit;
    }

    @Override
    public long used(long now) {
        return inFlight + Math.max(0, Math.ceilDiv(fullAt - now, nanosPerPermit));
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public boolean isEmpty(long now) {
        return used(now) == 0;
    }

    int depth() {
        return depth;
    }

    @Override
    public long forecast(long now, long ahead, int capacity) {
        return Math.max(now, Math.max(fullAt, now) + (inFlight + ahead + 1 - capacity) * nanosPerPermit);
    }
}
