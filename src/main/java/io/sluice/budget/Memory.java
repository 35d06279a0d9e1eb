package io.sluice.budget;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps accounts over a restart, for one process at a time: whoever makes one has made sure that no other process saves
 * to the same place any more. Thread-safe; an account is saved by one thread at a time.
 */
public interface Memory {
    /** What there is of an account. */
    sealed interface Loaded {
        /** What was saved last, in whole. */
        record Found(SavedAccount saved) implements Loaded {}

        /** Nothing, and there never was anything. */
        record Never() implements Loaded {}

        /**
         * There was something, and it is gone or unreadable.
         *
         * @param why what is wrong with it, for the log
         */
        record Lost(String why) implements Loaded {}
    }

    /** Told once when a saving has ended. */
    @FunctionalInterface
    interface Done {
        /**
         * Says how it ended.
         *
         * @param failure null if what was saved would survive a crash. Otherwise either this saving or the one before
         *     it may be what a crash leaves behind
         */
        void ended(@Nullable IOException failure);
    }

    /** What was saved last of an account. Waits for the store. */
    Loaded load(String account);

    /**
     * Saves an account. Runs on the timer's thread, so what takes long belongs on another. Savings of an account are
     * not begun before the one before has ended, but for the last one, which must overtake nothing.
     */
    void save(String account, SavedAccount saved, Done done);
}
