package io.sluice.budget;

/**
 * The schedule of an account's checkpoints, and the store's recent speed and availability. Guarded by the
 * account's lock.
 */
final class CheckpointSchedule {
    /** While no call waits for a checkpoint, at most an eighth of the time is spent on writing. */
    private static final int REST_PER_WRITE = 8;

    private static final int FORGOTTEN_PER_WRITE = 8;
    /** A store that was away for that long is as likely to come back now as later. */
    private static final long LONGEST_FORECAST = 60_000_000_000L;

    final CrashRules rules;
    private final long period;
    private final long overdue;
    private final long retry;

    private long dueAt = LimitCounter.NEVER;
    private long notBefore = Long.MIN_VALUE;
    private boolean restart;
    private boolean running;
    private long begunAt;
    private long writeNanos;
    private boolean unavailable;
    private long unavailableSince;

    CheckpointSchedule(CheckpointSettings settings, CrashRules rules) {
        this.rules = rules;
        period = settings.period().toNanos();
        overdue = settings.overdue().toNanos();
        retry = settings.retry().toNanos();
    }

    /** Records that another process has granted permits before. */
    void restarted() {
        restart = true;
    }

    boolean isRestart() {
        return restart;
    }

    /** Requests a checkpoint at that time at the latest. */
    void want(long at) {
        dueAt = Math.min(dueAt, at);
    }

    /** Records a change that is to be saved some time. */
    void changed(long now) {
        want(now + period);
    }

    /**
     * Requests the next checkpoint although no call waits for it yet: it begins after a short delay, for the calls that
     * are about to come.
     */
    void wantSoon(long now) {
        want(Math.max(now + writeNanos, begunAt + REST_PER_WRITE * writeNanos));
    }

    /** When there is something to do next. */
    long nextAt() {
        if (running) {
            return unavailable ? LimitCounter.NEVER : begunAt + overdue;
        }
        return dueAt == LimitCounter.NEVER ? LimitCounter.NEVER : Math.max(dueAt, notBefore);
    }

    boolean isDue(long now) {
        return !running && nextAt() <= now;
    }

    /** True if a write has become overdue just now. */
    boolean becomesOverdue(long now) {
        if (!running || unavailable || begunAt + overdue > now) {
            return false;
        }
        unavailable = true;
        unavailableSince = begunAt;
        return true;
    }

    void begin(long now) {
        dueAt = LimitCounter.NEVER;
        running = true;
        begunAt = now;
    }

    boolean isRunning() {
        return running;
    }

    /** Ends the write under way; returns true if the store has gone away or come back by it. */
    boolean end(long now, boolean written) {
        boolean before = unavailable;
        running = false;
        unavailable = !written;
        if (written) {
            writeNanos = Math.max(now - begunAt, writeNanos - writeNanos / FORGOTTEN_PER_WRITE);
            notBefore = Long.MIN_VALUE;
        } else {
            unavailableSince = before ? unavailableSince : begunAt;
            notBefore = now + retry;
            want(notBefore);
        }
        return before != unavailable;
    }

    /** True if the last write failed, or the one under way is overdue. */
    boolean isUnavailable() {
        return unavailable;
    }

    /** The estimated duration of a write. */
    long writeNanos() {
        return writeNanos;
    }

    /** The estimated time at which a call that waits for a checkpoint has it. */
    long forecast(long now) {
        return now
                + (unavailable
                        ? Math.clamp(now - unavailableSince, retry, Math.max(retry, LONGEST_FORECAST))
                        : writeNanos);
    }
}
