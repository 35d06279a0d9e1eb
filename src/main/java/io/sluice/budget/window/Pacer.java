package io.sluice.budget.window;

/**
 * The pacer of one counter: holds the time of the last call, which every slot is counted from. Not thread-safe.
 *
 * <p>Unused time is lost, except for the little by which a timer wakes late: without that, every late alarm would cost
 * rate. Nor do calls that went all the same, at once or in shadow mode, leave a debt.
 */
final class Pacer {
    private static final long TIMER_SLACK = 5_000_000;
    private static final long NEVER_YET = Long.MIN_VALUE / 2;

    private long last = NEVER_YET;
    private long distance;

    private long lastBefore = NEVER_YET;
    private long distanceBefore;
    private boolean mayBeUndone;

    /** When the last call went, or should have gone if a timer had not woken late. */
    long last() {
        return last;
    }

    /** When the next call may go where calls are paced evenly. */
    long evenlyAt() {
        return last + distance;
    }

    /**
     * Records that a call goes now whose slot was due at {@code due}.
     *
     * @param even how far away the next one stays where calls are paced evenly
     */
    void take(long now, long due, long even) {
        lastBefore = last;
        distanceBefore = distance;
        mayBeUndone = true;
        last = due <= now && now - due <= TIMER_SLACK ? Math.max(last, due) : now;
        distance = even;
    }

    /** Follows a changed limit: stretches or shrinks the distance to the next call. */
    void restep(long even) {
        distance = even;
        mayBeUndone = false;
    }

    /** Records that a call may have gone at {@code time}, which is all that is known. */
    void resume(long time) {
        last = Math.max(last, time);
    }

    /** Drops the last call, so that the next one need not keep a distance. */
    void reset() {
        last = NEVER_YET;
        distance = 0;
        mayBeUndone = false;
    }

    /** Takes the last call back. An earlier one stays, or two calls could go at the same time. */
    void release() {
        if (mayBeUndone) {
            last = lastBefore;
            distance = distanceBefore;
            mayBeUndone = false;
        }
    }
}
