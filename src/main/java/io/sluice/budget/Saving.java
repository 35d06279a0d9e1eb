package io.sluice.budget;

import java.time.Duration;
import java.time.Instant;

/**
 * When an account is saved, and when that counts. Its fields are guarded by the account's lock, which is not held while
 * the memory works; its own monitor, taken before that, keeps one saving from overtaking another.
 *
 * <p>What is granted between two savings would be lost in a crash. So an account that was not closed in order comes
 * back with the most that can have been granted in that time counted as used; and meters see to it that no more is
 * granted even when saving takes long. Before it is saved that calls are granted again, none is: another crash would
 * leave behind what the process before this one knew.
 */
final class Saving {
    private final Account account;
    private final Keeper keeper;

    private long dueAt = Meter.NEVER;
    private boolean running;
    private boolean begun;
    private boolean changedMeanwhile;
    private boolean closed;

    Saving(Account account, Keeper keeper) {
        this.account = account;
        this.keeper = keeper;
    }

    /** Takes over what was saved, and saves that calls may be granted from now on. */
    void open() {
        keeper.memory().load(account.name).ifPresent(this::restore);
        synchronized (account) {
            dueAt = Long.MIN_VALUE;
        }
        saveIfDue();
    }

    private void restore(SavedAccount saved) {
        // A clock that was set back meanwhile tells nothing about the time that has passed; none is on the safe side.
        Duration ago = Duration.between(saved.at(), keeper.instants().instant());
        long nanos =
                ago.compareTo(PacedBudget.LONGEST) > 0 ? PacedBudget.LONGEST.toNanos() : Math.max(0, ago.toNanos());
        synchronized (account) {
            account.ledger.restore(account.now(), nanos, saved);
        }
    }

    /** Notes that there is something new to save. Called with the account's lock. */
    void changed(long now) {
        if (running) {
            changedMeanwhile = true;
        } else if (dueAt == Meter.NEVER && !closed) {
            dueAt = now + SavedAccount.PERIOD.toNanos();
        }
    }

    /** Whether it is saved that calls are granted. Called with the account's lock. */
    boolean begun() {
        return begun;
    }

    /** When to save next. Called with the account's lock. */
    long dueAt() {
        return dueAt;
    }

    synchronized void saveIfDue() {
        Instant at = keeper.instants().instant();
        SavedAccount saved;
        synchronized (account) {
            if (running || closed || dueAt > account.now()) {
                return;
            }
            dueAt = Meter.NEVER;
            running = true;
            saved = account.ledger.save(account.now(), new SavedAccount.Moment(at, false));
            account.ledger.rateMeters().forEach(RateMeter::beginSaving);
        }
        keeper.memory().save(account.name, saved, this::done);
    }

    private void done() {
        account.change(now -> {
            running = false;
            begun = true;
            account.saved(now);
            if (changedMeanwhile) {
                changedMeanwhile = false;
                changed(now);
            }
        });
    }

    /** Saves for the last time. */
    synchronized void close() {
        Instant at = keeper.instants().instant();
        SavedAccount saved;
        synchronized (account) {
            if (closed) {
                return;
            }
            closed = true;
            dueAt = Meter.NEVER;
            saved = account.ledger.save(account.now(), new SavedAccount.Moment(at, true));
        }
        keeper.memory().save(account.name, saved, () -> {});
    }
}
