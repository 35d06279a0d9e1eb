package io.sluice.budget;

/**
 * Keeps calls a distance apart. Not thread-safe.
 *
 * <p>It remembers the time by which all that was taken is paid for, one step a permit. A call may go when that time is
 * no further ahead than the tolerance: none for even pacing, and a burst's worth of steps for a burst. Time that nobody
 * used is lost, except for the little by which a timer wakes late: without that, every late alarm would cost rate. Nor
 * is anything owed for calls that went all the same, as in shadow mode.
 */
final class Pacer {
    private static final long TIMER_SLACK = 5_000_000;

    private long paidAt = Long.MIN_VALUE / 2;
    private long lastStep;
    private long lastPaidAt = Long.MIN_VALUE;

    /** When the next call may go. */
    long readyAt(long tolerance) {
        return paidAt - tolerance;
    }

    void take(long now, long step, long tolerance) {
        paidAt = (now - paidAt <= TIMER_SLACK ? Math.min(paidAt, now + tolerance) : now) + step;
        lastStep = step;
        lastPaidAt = paidAt;
    }

    /** Drops what is still to pay: the vendor has begun to count anew. */
    void forgive(long now) {
        paidAt = Math.min(paidAt, now);
    }

    /** Takes the last step back. An earlier one stays paid, or two calls could go side by side. */
    void giveBack() {
        if (paidAt == lastPaidAt) {
            paidAt -= lastStep;
            lastPaidAt = Long.MIN_VALUE;
        }
    }

    /** Stretches or shrinks what is still to pay after the step has changed. */
    void rescale(long now, long oldStep, long newStep) {
        if (paidAt > now && oldStep != newStep) {
            paidAt = now + (long) ((double) (paidAt - now) / oldStep * newStep);
        }
    }
}
