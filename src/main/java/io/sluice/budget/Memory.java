package io.sluice.budget;

import java.util.Optional;

/**
 * Keeps accounts over a restart. Thread-safe; an account is saved by one thread at a time.
 *
 * <p>An account is saved when it is defined, then no more often than once a second and only if it was used, and when
 * the budget drains.
 */
public interface Memory {
    /** What was saved last of an account, in whole or not at all; nothing if it never was. */
    Optional<SavedAccount> load(String account);

    /**
     * Saves an account. Runs on the timer's thread, so what takes long belongs on another.
     *
     * @param done to be run once the saved would survive a crash; until then little more is granted, and nothing at
     *     all before the first time
     */
    void save(String account, SavedAccount saved, Runnable done);
}
