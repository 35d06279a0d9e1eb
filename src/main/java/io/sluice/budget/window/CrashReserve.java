package io.sluice.budget.window;

import org.jspecify.annotations.Nullable;

/**
 * The crash reserve of one counter: the permits that may be granted on the strength of the latest checkpoint. Guarded
 * by the account's lock.
 *
 * <p>Each checkpoint reserves some permits on top of what it holds, and a process that restores it after a crash counts
 * them as used. So no grant is ever lost, as long as no more is granted than what a checkpoint reserves; while the next
 * one is being written, than what either of the two reserves. At rest that is one fiftieth of the limit, which is all
 * that a crash costs, and grants do not wait for the disk: the next checkpoint begins when half is spent. While calls
 * wait, it is twice what the pace grants during one write; and the size of an imminent burst comes on top, for which it
 * waits one write.
 *
 * <p>Limits over no more than {@link #LONGEST_UNSAVED} are reserved as a whole by every checkpoint, and so need none
 * when they are used: a disk would be busy with nothing else, and a new process loses no more than one such window.
 * Limits over no more than {@link #LONGEST_WITHOUT_STORE} go on while the store is away: a crash then may cost refusals
 * for one window, which is less than what stopping costs.
 */
final class CrashReserve {
    static final long LONGEST_UNSAVED = 2_000_000_000L;
    static final long LONGEST_WITHOUT_STORE = 60_000_000_000L;

    private static final int SHARE_AT_REST = 50;
    private static final long WITHOUT_END = Long.MAX_VALUE / 2;

    private final @Nullable CheckpointSchedule schedule;

    private int permits;
    private long window;
    /** The least rest of any checkpoint that a crash may leave behind, other than the one under way. */
    private long left;
    /** The rest of the one under way. */
    private long leftOfNext = WITHOUT_END;
    /** The initial values of {@link #left}, now and after the next checkpoint. */
    private long reserved;

    private long reservedByNext;
    /** The largest cost of a call that nothing but this holds back. */
    private int asked;

    /** A reserve of which nothing is saved yet; without a schedule nothing ever is, nor need be. */
    CrashReserve(@Nullable CheckpointSchedule schedule, Limit.Rate limit) {
        this.schedule = schedule;
        permits = limit.permits();
        window = limit.window().toNanos();
        if (schedule != null) {
            left = schedule.rules.leftAtStart(atRest());
        }
    }

    /**
     * A reserve for a counter that is created after checkpoints which reserve what {@code unseen} states for each
     * such counter.
     */
    CrashReserve(CrashReserve unseen) {
        schedule = unseen.schedule;
        permits = unseen.permits;
        window = unseen.window;
        left = unseen.left;
        leftOfNext = unseen.leftOfNext;
        reserved = unseen.reserved;
        reservedByNext = unseen.reservedByNext;
    }

    /** True if counts are saved; if not, every checkpoint reserves the whole limit. */
    boolean isSaved() {
        return window > LONGEST_UNSAVED;
    }

    /** True if permits that are free otherwise must wait for a checkpoint; if so one begins as soon as it can. */
    boolean holdsBack(long now, int wanted) {
        if (schedule == null || allows(schedule, wanted)) {
            return false;
        }
        asked = Math.max(asked, wanted);
        schedule.want(now);
        return true;
    }

    private boolean allows(CheckpointSchedule schedule, int wanted) {
        return schedule.rules.allows(wanted, left, leftOfNext)
                || (schedule.isUnavailable() && window <= LONGEST_WITHOUT_STORE);
    }

    /**
     * Spends permits that are granted now.
     *
     * @param waiting whether others wait for the counter
     */
    void take(long now, int taken, boolean waiting) {
        if (schedule != null) {
            left -= taken;
            leftOfNext -= taken;
            renew(now, schedule, waiting);
        }
    }

    private void renew(long now, CheckpointSchedule schedule, boolean waiting) {
        if (schedule.isRunning() || 2 * left > reserved) {
            return;
        }
        if (waiting) {
            schedule.want(now);
        } else {
            schedule.wantSoon(now);
        }
    }

    /**
     * Begins a checkpoint, and returns how much it reserves.
     *
     * @param waiting permits that are waited for
     * @param atOnce how many of them the limit would grant this moment
     */
    int begin(long waiting, long atOnce) {
        if (!isSaved()) {
            reservedByNext = permits;
            leftOfNext = WITHOUT_END;
            return permits;
        }
        long amount = atRest() + Math.max(asked, Math.min(waiting, atOnce));
        if (waiting > 0 && schedule != null) {
            amount = Math.max(amount, 2 * (long) Math.ceil((double) schedule.writeNanos() / window * permits));
        }
        return begin((int) Math.min(permits, amount));
    }

    /** Begins a checkpoint that does not contain the counter, and returns how much it reserves all the same. */
    int beginUnseen() {
        if (!isSaved() || schedule == null) {
            return begin(0, 0);
        }
        int amount = (int) schedule.rules.reservedUnseen(atRest());
        begin((int) atRest());
        return amount;
    }

    private int begin(int amount) {
        asked = 0;
        reservedByNext = amount;
        leftOfNext = amount;
        return amount;
    }

    /** The reserve of a checkpoint after which nothing is granted. */
    int atEnd() {
        return isSaved() ? 0 : permits;
    }

    /** Ends the checkpoint under way. */
    void end(long now, boolean written, boolean waiting) {
        if (schedule != null) {
            left = schedule.rules.leftAfter(written, left, leftOfNext);
            reserved = written ? reservedByNext : reserved;
            leftOfNext = WITHOUT_END;
            renew(now, schedule, waiting);
        }
    }

    /** Follows a changed limit. The reserves of earlier checkpoints stay the same. */
    void change(long now, Limit.Rate limit) {
        boolean before = isSaved();
        permits = limit.permits();
        window = limit.window().toNanos();
        if (schedule != null) {
            if (isSaved() && !before) {
                // Grants since the last checkpoint were not counted.
                left = 0;
                leftOfNext = schedule.isRunning() ? 0 : WITHOUT_END;
            }
            schedule.want(now);
        }
    }

    /** About when {@code wanted} permits need not wait for a checkpoint. */
    long forecast(long now, int wanted) {
        return schedule == null || allows(schedule, wanted) ? now : schedule.forecast(now);
    }

    /** True if it holds back and the store is away. */
    boolean isStopped() {
        return schedule != null && schedule.isUnavailable() && !allows(schedule, 1);
    }

    private long atRest() {
        return Math.max(1, Math.ceilDiv(permits, SHARE_AT_REST));
    }

    /**
     * The permits that a process of the version before may have granted after its last checkpoint if it did not stop in
     * order: it saved once a second, and reserved nothing.
     */
    static int inVersionBefore(Limit.Rate limit) {
        long window = limit.window().toNanos();
        if (window > 3_600_000_000_000L) {
            return Math.ceilDiv(limit.permits(), 100);
        }
        return (int) Math.min(limit.permits(), limit.burst() + limit.permits() * 1_000_000_000L / window + 2);
    }
}
