package io.sluice.budget.window;

/**
 * The history of refused bursts of one limit, over all of its counters. Not thread-safe.
 *
 * <p>A bucket may be shallower than a burst, a vendor may take one call less than documented, or count by the second as
 * well. So when a call is refused that went before its slot, and headers show no foreign use, the burst is reduced to
 * the part that went through. At the second such burst within a day the limit goes back to even pacing; a week later,
 * or when an admin resumes bursts, it starts again at the part that went through.
 */
final class BurstHistory {
    private static final long DAY = 86_400_000_000_000L;
    private static final long WEEK = 7 * DAY;
    private static final long NEVER_YET = Long.MIN_VALUE / 2;

    private int most = Integer.MAX_VALUE;
    private long refusedAt = NEVER_YET;
    private boolean stopped;

    /** How many permits went through of the smallest burst that was refused; the largest number if none was. */
    int most() {
        return most;
    }

    /** True if calls are paced evenly for now, since bursts were refused. */
    boolean stopped(long now) {
        stopped &= now - refusedAt < WEEK;
        return stopped;
    }

    /** When {@link #stopped} ends by itself; {@link Times#NEVER} if it is not. */
    long resumesAt(long now) {
        return stopped(now) ? refusedAt + WEEK : Times.NEVER;
    }

    /**
     * Learns from the refusal of a call that went before its slot.
     *
     * @param grantedAt when it went
     * @param before how many permits of the same burst had gone before it
     */
    void refused(long now, long grantedAt, int before) {
        most = Math.min(most, Math.max(1, before));
        if (grantedAt > refusedAt) {
            // It is another call of a burst of which one was refused already.
            stopped = now - refusedAt < DAY;
            refusedAt = now;
        }
    }

    /** Allows bursts again, as large as the part that went through. */
    void resume() {
        stopped = false;
        refusedAt = NEVER_YET;
    }

    /** Clears the history, since the limit has changed. */
    void clear() {
        most = Integer.MAX_VALUE;
        resume();
    }

    /** True if the history is empty. */
    boolean isUntaught() {
        return most == Integer.MAX_VALUE;
    }

    CounterSnapshot.BurstLimit save(long now) {
        return new CounterSnapshot.BurstLimit(most, Math.max(0, now - refusedAt), stopped);
    }

    /** Restores what was saved {@code ago} nanoseconds before now. */
    void restore(long now, long ago, CounterSnapshot.BurstLimit saved) {
        most = saved.most();
        refusedAt = Math.max(NEVER_YET, now - Math.min(WEEK, saved.refusedAgoNanos()) - Math.min(WEEK, ago));
        stopped = saved.stopped();
    }
}
