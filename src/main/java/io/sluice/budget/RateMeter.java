package io.sluice.budget;

/**
 * Counts permits in a window, paced evenly.
 *
 * <p>The vendor counts an attempt when it arrives, which is some time between its sending and its answer. So a permit
 * is held from its grant until a whole window after its answer. Whichever window of the vendor's one looks at, and
 * however its calls were delayed: when the last of its calls was sent, all others of that window were still held.
 * Never more than the limit's permits are, so no window at the vendor ever sees more, whatever its phase.
 */
final class RateMeter extends Meter {
    /** Spread over a window, no more entries than this are logged. */
    private static final int GRAINS = 128;

    private final ArrivalLog answered = new ArrivalLog();

    private int permits;
    private long window;
    private long spacing;
    private long grain;
    private long answeredPermits;
    private int inFlight;
    private long nextAt = Long.MIN_VALUE;
    private long lastTakenAt = Long.MIN_VALUE;

    RateMeter(Limit.Rate limit) {
        set(limit);
    }

    private void set(Limit.Rate limit) {
        permits = limit.permits();
        window = limit.window().toNanos();
        spacing = window / Math.max(1, permits - 1);
        grain = permits > GRAINS ? window / GRAINS : 1;
    }

    @Override
    long roomAt(long now, int wanted) {
        if (nextAt > now) {
            return nextAt;
        }
        forget(now);
        long excess = inFlight + answeredPermits + Math.min(wanted, permits) - permits;
        for (int entry = 0; entry < answered.size() && excess > 0; entry++) {
            excess -= answered.permits(entry);
            if (excess <= 0) {
                return answered.time(entry) + window;
            }
        }
        return excess > 0 ? NEVER : now;
    }

    @Override
    void take(long now, int taken) {
        inFlight += taken;
        nextAt = now + spacing * taken;
        lastTakenAt = now;
    }

    @Override
    void giveBack(long now, int taken) {
        inFlight -= taken;
        if (nextAt == lastTakenAt + spacing * taken) {
            nextAt = lastTakenAt;
        }
    }

    @Override
    void settle(long now, int taken) {
        inFlight -= taken;
        answeredPermits += taken;
        answered.add(Math.ceilDiv(now, grain) * grain, taken);
    }

    @Override
    long used(long now) {
        forget(now);
        return inFlight + answeredPermits;
    }

    @Override
    long permits() {
        return permits;
    }

    @Override
    void change(Limit limit) {
        set((Limit.Rate) limit);
    }

    @Override
    boolean idle(long now) {
        return used(now) == 0 && nextAt <= now && closedUntil() <= now;
    }

    private void forget(long now) {
        while (answered.size() > 0 && answered.time(0) + window <= now) {
            answeredPermits -= answered.removeOldest();
        }
    }
}
