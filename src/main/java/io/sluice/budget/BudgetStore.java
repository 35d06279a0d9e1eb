package io.sluice.budget;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps accounts over a restart, for one process at a time: whoever makes one has made sure that no other process saves
 * to the same place any more. Thread-safe; an account is saved by one thread at a time.
 */
public interface BudgetStore {
    /** What there is of an account. */
    sealed interface LoadResult {
        /** What was saved last, in whole. */
        record Found(AccountSnapshot saved) implements LoadResult {}

        /** Nothing, and there never was anything. */
        record Absent() implements LoadResult {}

        /**
         * There was something, and it is gone or unreadable.
         *
         * @param why what is wrong with it, for the log
         */
        record Lost(String why) implements LoadResult {}
    }

    /** Called once when a checkpoint has ended. */
    @FunctionalInterface
    interface Completion {
        /**
         * Says how it ended.
         *
         * @param failure null if what was saved would survive a crash. Otherwise either this checkpoint or the one before
         *     it may be what a crash leaves behind
         */
        void ended(@Nullable IOException failure);
    }

    /** What was saved last of an account. Waits for the store. */
    LoadResult load(String account);

    /**
     * Saves an account. Runs on the timer's thread, so what takes long belongs on another. Checkpoints of an account are
     * not begun before the one before has ended, but for the last one, which must overtake nothing.
     */
    void save(String account, AccountSnapshot saved, Completion done);
}
