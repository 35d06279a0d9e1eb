package io.sluice.budget.window;

/**
 * The conditions that keep a crash from losing a grant, one method each. A test replaces each by a wrong one, to show
 * that none can be left out.
 */
public class CrashRules {
    /** How many permits a counter has left before the first checkpoint of a process: none. */
    public long leftAtStart(long atRest) {
        return 0;
    }

    /**
     * True if permits may be granted: while a checkpoint is under way a crash leaves it or the one before it, so both
     * must have reserved them. A call that costs more than what is left waits for a checkpoint that covers it.
     */
    public boolean allows(long permits, long left, long leftOfNext) {
        return permits <= left && permits <= leftOfNext;
    }

    /**
     * The rest of the reserve once a write has ended. One that failed may have reached the disk all the same, so both
     * count on.
     */
    public long leftAfter(boolean written, long left, long leftOfNext) {
        return written ? leftOfNext : Math.min(left, leftOfNext);
    }

    /** How many permits a new process counts besides those of ended calls: all that may have been sent. */
    public long unsettled(long open, long reserved) {
        return open + reserved;
    }

    /**
     * The time as of which it counts them: not even the process before could have sent any after the folder was
     * taken over.
     */
    public long unsettledAt(long savedAt, long lockedAt) {
        return lockedAt;
    }

    /** How many permits of a limit count as used if its checkpoint cannot be read: all. */
    public int usedIfLost(int permits) {
        return permits;
    }

    /** The reserve of a counter that a checkpoint does not contain, such as one of a user who comes after it. */
    public long reservedUnseen(long atRest) {
        return atRest;
    }
}
