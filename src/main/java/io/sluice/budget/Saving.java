package io.sluice.budget;

import io.sluice.budget.Memory.Loaded;
import io.sluice.budget.Restored.Cause;
import io.sluice.budget.Restored.Clock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Saves an account and takes it over from the process before. What may be granted on the strength of a saving is the
 * {@link Reserve}s' business, and when the next one begins the {@link SavingSchedule}'s.
 *
 * <p>Its fields are guarded by the account's lock, which is not held while the memory works; its own monitor, taken
 * before that, keeps one saving from overtaking another.
 */
final class Saving {
    /** When this process took the place of the one before: the budget is made when its memory is this process's own. */
    private static final long LOCKED_AT = 0;

    final SavingSchedule schedule;

    private final Account account;
    private final Keeper keeper;
    private boolean closed;

    private record Age(Clock clock, Duration duration) {
        static final Age UNKNOWN = new Age(Clock.NONE, Duration.ZERO);

        long nanos() {
            return (duration.compareTo(PacedBudget.LONGEST) > 0 ? PacedBudget.LONGEST : duration).toNanos();
        }
    }

    Saving(Account account, Keeper keeper) {
        this.account = account;
        this.keeper = keeper;
        schedule = new SavingSchedule(keeper.settings(), keeper.rules());
    }

    /** Takes over what was saved, and saves that before anything is granted. */
    void open() {
        Loaded loaded = keeper.memory().load(account.name);
        Age age = loaded instanceof Loaded.Found(SavedAccount saved) ? age(saved) : Age.UNKNOWN;
        Restored restored;
        synchronized (account) {
            restored = restored(loaded, age);
            schedule.want(Long.MIN_VALUE);
        }
        keeper.listener().restored(restored);
        saveIfDue();
    }

    private Restored restored(Loaded loaded, Age age) {
        long now = account.now();
        return switch (loaded) {
            case Loaded.Never never -> restored(Cause.FIRST_START, "nothing was saved before", age, List.of());
            case Loaded.Lost(String why) -> restored(Cause.LOST, why, age, account.ledger.lost(now, LOCKED_AT));
            case Loaded.Found(SavedAccount saved) -> {
                List<Restored.Counted> counted = account.ledger.restore(now, LOCKED_AT, age.nanos(), saved);
                yield saved.complete()
                        ? restored(Cause.STOPPED, "the process before stopped in order", age, counted)
                        : restored(
                                Cause.CRASHED,
                                "the process before did not stop in order: open calls and the reserve count from now on",
                                age,
                                counted);
            }
        };
    }

    private Restored restored(Cause cause, String why, Age age, List<Restored.Counted> counted) {
        return new Restored(account.name, cause, why, age.clock(), age.duration(), counted);
    }

    /** How long ago it was saved; rather too little than too much, for which it would be forgotten too soon. */
    private Age age(SavedAccount saved) {
        Optional<BootClock.Reading> boot = keeper.boot().read();
        if (boot.isPresent() && boot.get().boot().equals(saved.boot())) {
            long nanos = boot.get().nanos() - boot.get().resolution() - saved.sinceBootNanos();
            return new Age(Clock.BOOT, Duration.ofNanos(Math.max(0, nanos)));
        }
        // A clock that was set back meanwhile tells nothing about the time that has passed; none is on the safe side.
        Duration ago = Duration.between(saved.at(), keeper.instants().instant());
        return new Age(Clock.WALL, ago.isNegative() ? Duration.ZERO : ago);
    }

    /** Begins a saving if one is due. */
    synchronized void saveIfDue() {
        SavedAccount.Moment moment = moment(false);
        SavedAccount saved = null;
        boolean overdue;
        synchronized (account) {
            long now = account.now();
            overdue = schedule.becomesOverdue(now);
            if (!closed && schedule.isDue(now)) {
                schedule.begin(now);
                saved = account.beginSaving(now, moment);
            }
        }
        if (overdue) {
            account.change(account::recheckRates);
            keeper.listener()
                    .away(
                            account.name,
                            "it takes longer than " + keeper.settings().overdue());
        }
        if (saved != null) {
            keeper.memory().save(account.name, saved, this::ended);
        }
    }

    private SavedAccount.Moment moment(boolean complete) {
        Instant at = keeper.instants().instant();
        return keeper.boot()
                .read()
                .map(boot -> new SavedAccount.Moment(at, boot.boot(), boot.nanos(), complete))
                .orElseGet(() -> new SavedAccount.Moment(at, null, 0, complete));
    }

    private void ended(@Nullable IOException failure) {
        boolean[] news = new boolean[1];
        account.change(now -> {
            news[0] = schedule.end(now, failure == null);
            account.ledger.endSaving(now, failure == null);
            account.recheckRates(now);
        });
        if (news[0] && failure == null) {
            keeper.listener().back(account.name);
        } else if (news[0]) {
            keeper.listener().away(account.name, String.valueOf(failure));
        }
    }

    /** Notes that there is something new to save. Called with the account's lock. */
    void changed(long now) {
        schedule.changed(now);
    }

    /** When there is something to do next. Called with the account's lock. */
    long nextAt() {
        return closed ? Meter.NEVER : schedule.nextAt();
    }

    /** Saves for the last time: nothing is granted any more. */
    synchronized void close() {
        SavedAccount.Moment moment = moment(true);
        SavedAccount saved;
        synchronized (account) {
            if (closed) {
                return;
            }
            closed = true;
            saved = account.ledger.saveAtEnd(account.now(), moment);
        }
        keeper.memory().save(account.name, saved, this::ended);
    }
}
