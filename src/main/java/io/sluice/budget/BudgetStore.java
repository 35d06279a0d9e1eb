package io.sluice.budget;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The store that keeps accounts over a restart, for one process at a time: an implementation makes sure when it is
 * created that no other process saves to the same place any more. Thread-safe; an account is saved by one thread at
 * a time.
 */
public interface BudgetStore {
    /** The result of loading an account. */
    sealed interface LoadResult {
        /** The snapshot that was saved last, complete. */
        record Loaded(AccountSnapshot saved) implements LoadResult {}

        /** No snapshot, and there never was one. */
        record Absent() implements LoadResult {}

        /**
         * There was a snapshot, and it is gone or unreadable.
         *
         * @param why the reason, for the log
         */
        record Lost(String why) implements LoadResult {}
    }

    /** The callback at the end of a checkpoint, called once. */
    @FunctionalInterface
    interface Completion {
        /**
         * Reports the end.
         *
         * @param failure null if the snapshot would survive a crash. Otherwise either this checkpoint or the one before
         *     it may be what a crash leaves behind
         */
        void ended(@Nullable IOException failure);
    }

    /** Loads the latest snapshot of an account. Waits for the store. */
    LoadResult load(String account);

    /**
     * Saves an account. Runs on the timer's thread, so slow work belongs on another. Checkpoints of an account are not
     * begun before the one before has ended, except for the last one, which must not overtake.
     */
    void save(String account, AccountSnapshot saved, Completion done);
}
