package io.sluice.budget;

/** When the next saving of an account begins, and how the store lately did. Guarded by the account's lock. */
final class SavingSchedule {
    /** While nobody waits for it, at most an eighth of the time is spent on writing. */
    private static final int REST_PER_WRITE = 8;

    private static final int FORGOTTEN_PER_WRITE = 8;
    /** A store that was away for that long is as likely to come back now as later. */
    private static final long LONGEST_FORECAST = 60_000_000_000L;

    final CrashRules rules;
    private final long period;
    private final long overdue;
    private final long retry;

    private long dueAt = Meter.NEVER;
    private long notBefore = Long.MIN_VALUE;
    private boolean running;
    private long begunAt;
    private long writeNanos;
    private boolean away;
    private long awaySince;

    SavingSchedule(SavingSettings settings, CrashRules rules) {
        this.rules = rules;
        period = settings.period().toNanos();
        overdue = settings.overdue().toNanos();
        retry = settings.retry().toNanos();
    }

    /** Has a saving begin at that time, or before. */
    void want(long at) {
        dueAt = Math.min(dueAt, at);
    }

    /** Notes that something has changed that is worth saving some time. */
    void changed(long now) {
        want(now + period);
    }

    /** Has the next one begin although nobody waits for it yet: those that are about to come are waited for a little. */
    void wantSoon(long now) {
        want(Math.max(now + writeNanos, begunAt + REST_PER_WRITE * writeNanos));
    }

    /** When there is something to do next. */
    long nextAt() {
        if (running) {
            return away ? Meter.NEVER : begunAt + overdue;
        }
        return dueAt == Meter.NEVER ? Meter.NEVER : Math.max(dueAt, notBefore);
    }

    boolean isDue(long now) {
        return !running && nextAt() <= now;
    }

    /** Whether a write has become overdue just now. */
    boolean becomesOverdue(long now) {
        if (!running || away || begunAt + overdue > now) {
            return false;
        }
        away = true;
        awaySince = begunAt;
        return true;
    }

    void begin(long now) {
        dueAt = Meter.NEVER;
        running = true;
        begunAt = now;
    }

    boolean isRunning() {
        return running;
    }

    /** Ends the one under way; returns whether the store has gone away or come back by it. */
    boolean end(long now, boolean written) {
        boolean before = away;
        running = false;
        away = !written;
        if (written) {
            writeNanos = Math.max(now - begunAt, writeNanos - writeNanos / FORGOTTEN_PER_WRITE);
            notBefore = Long.MIN_VALUE;
        } else {
            awaySince = before ? awaySince : begunAt;
            notBefore = now + retry;
            want(notBefore);
        }
        return before != away;
    }

    /** Whether the last write failed, or the one under way is overdue. */
    boolean isAway() {
        return away;
    }

    /** About how long a write takes. */
    long writeNanos() {
        return writeNanos;
    }

    /** About when what waits for a saving has it. */
    long forecast(long now) {
        return now + (away ? Math.clamp(now - awaySince, retry, Math.max(retry, LONGEST_FORECAST)) : writeNanos);
    }
}
