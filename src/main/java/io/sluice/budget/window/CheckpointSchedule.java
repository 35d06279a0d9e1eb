package io.sluice.budget.window;

import java.time.Duration;

/**
 * The schedule of an account's checkpoints, and the store's recent speed and availability. Guarded by the
 * account's lock.
 */
public final class CheckpointSchedule {
    /** While no call waits for a checkpoint, at most an eighth of the time is spent on writing. */
    private static final int REST_PER_WRITE = 8;

    private static final int FORGOTTEN_PER_WRITE = 8;
    /** A store that was away for that long is as likely to come back now as later. */
    private static final long LONGEST_FORECAST = 60_000_000_000L;

    final CrashRules rules;
    private final long period;
    private final long overdue;
    private final long retry;

    private long dueAt = Times.NEVER;
    private long notBefore = Long.MIN_VALUE;
    private boolean running;
    private long begunAt;
    private long writeNanos;
    private boolean unavailable;
    private long unavailableSince;

    /**
     * A schedule by which nothing is due yet.
     *
     * @param period an account that was used is saved at least this long after
     * @param overdue a write that takes longer counts as one by a store that is away, until it ends
     * @param retry how long after a write that failed the next one begins
     */
    public CheckpointSchedule(Duration period, Duration overdue, Duration retry, CrashRules rules) {
        this.rules = rules;
        this.period = period.toNanos();
        this.overdue = overdue.toNanos();
        this.retry = retry.toNanos();
    }

    /** The conditions that keep a crash from losing a grant. */
    public CrashRules rules() {
        return rules;
    }

    /** Requests a checkpoint at that time at the latest. */
    public void want(long at) {
        dueAt = Math.min(dueAt, at);
    }

    /** Records a change that is to be saved some time. */
    public void changed(long now) {
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
    public long nextAt() {
        if (running) {
            return unavailable ? Times.NEVER : begunAt + overdue;
        }
        return dueAt == Times.NEVER ? Times.NEVER : Math.max(dueAt, notBefore);
    }

    /** True if one is due, and none is under way. */
    public boolean isDue(long now) {
        return !running && nextAt() <= now;
    }

    /** True if a write has become overdue just now. */
    public boolean becomesOverdue(long now) {
        if (!running || unavailable || begunAt + overdue > now) {
            return false;
        }
        unavailable = true;
        unavailableSince = begunAt;
        return true;
    }

    /** Begins a checkpoint. */
    public void begin(long now) {
        dueAt = Times.NEVER;
        running = true;
        begunAt = now;
    }

    boolean isRunning() {
        return running;
    }

    /** Ends the write under way; returns true if the store has gone away or come back by it. */
    public boolean end(long now, boolean written) {
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
