package io.sluice.budget;

import java.util.List;
import java.util.function.LongConsumer;

/**
 * The part of an account that its checkpointer works on. Its monitor guards it; all methods but {@link #change} are
 * called with that held.
 */
interface Checkpointed {
    /** The account's name, as {@code vendor/account}. */
    String name();

    /** The present time. */
    long now();

    /** Begins a checkpoint, and returns what it saves. */
    AccountSnapshot beginCheckpoint(long now, AccountSnapshot.Moment moment);

    /** Ends the checkpoint that was begun last. */
    void endCheckpoint(long now, boolean written);

    /** Returns the snapshot for the end of the process: nothing is granted after it. */
    AccountSnapshot saveAtEnd(AccountSnapshot.Moment moment);

    /**
     * Restores what was saved {@code ago} nanoseconds ago, and returns what counts of it.
     *
     * @param lockedAt since when no other process can have sent anything
     */
    List<RestoreReport.LimitUse> restore(long lockedAt, long ago, AccountSnapshot saved);

    /** Counts every limit as used up, since its checkpoint is lost, and returns what counts. */
    List<RestoreReport.LimitUse> countAllAsUsed(long lockedAt);

    /** Checks again which calls may go, after something has changed for all counters with a reserve. */
    void recheckRates(long now);

    /** Takes the monitor for a change at the present time, and then grants all that may go. */
    void change(LongConsumer change);
}
