package io.sluice.budget;

import io.sluice.budget.BudgetStore.LoadResult;
import io.sluice.budget.RestoreReport.Cause;
import io.sluice.budget.RestoreReport.Clock;
import io.sluice.budget.window.CheckpointSchedule;
import io.sluice.budget.window.Times;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The checkpointing of an account: saves it, and restores it from the process before. The {@link CrashReserve}s
 * define how much may be granted on the strength of a checkpoint, and the {@link CheckpointSchedule} defines when
 * the next one begins.
 *
 * <p>Its fields are guarded by the account's lock, which is not held while the store works; its own monitor, taken
 * before that, keeps one checkpoint from overtaking another.
 */
final class Checkpointer {
    /**
     * When this process replaced the one before: the budget is created right after its store has become this
     * process's own.
     */
    private static final long LOCKED_AT = 0;

    final CheckpointSchedule schedule;

    private final Checkpointed account;
    private final CheckpointContext context;
    private boolean closed;

    private record Age(Clock clock, Duration duration) {
        static final Age UNKNOWN = new Age(Clock.NONE, Duration.ZERO);

        long nanos() {
            return Times.nanos(duration);
        }
    }

    Checkpointer(Checkpointed account, CheckpointContext context) {
        this.account = account;
        this.context = context;
        schedule = new CheckpointSchedule(
                context.settings().period(),
                context.settings().overdue(),
                context.settings().retry(),
                context.rules());
    }

    /** Restores what was saved, and begins a checkpoint before anything is granted. */
    void open() {
        LoadResult loaded = context.store().load(account.name());
        Age age = loaded instanceof LoadResult.Loaded(AccountSnapshot saved) ? age(saved) : Age.UNKNOWN;
        RestoreReport restored;
        synchronized (account) {
            restored = restored(loaded, age);
            schedule.want(Long.MIN_VALUE);
        }
        context.listener().restored(restored);
        saveIfDue();
    }

    private RestoreReport restored(LoadResult loaded, Age age) {
        return switch (loaded) {
            case LoadResult.Absent never -> restored(Cause.FIRST_START, "nothing was saved before", age, List.of());
            case LoadResult.Lost(String why) -> restored(Cause.LOST, why, age, account.countAllAsUsed(LOCKED_AT));
            case LoadResult.Loaded(AccountSnapshot saved) -> {
                List<RestoreReport.LimitUse> counted = account.restore(LOCKED_AT, age.nanos(), saved);
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

    private RestoreReport restored(Cause cause, String why, Age age, List<RestoreReport.LimitUse> counted) {
        return new RestoreReport(account.name(), cause, why, age.clock(), age.duration(), counted);
    }

    /** How long ago it was saved; rather too short than too long, which would drop its counts too soon. */
    private Age age(AccountSnapshot saved) {
        Optional<BootClock.Reading> boot = context.boot().read();
        if (boot.isPresent() && boot.get().boot().equals(saved.boot())) {
            long nanos = boot.get().nanos() - boot.get().resolution() - saved.sinceBootNanos();
            return new Age(Clock.BOOT, Duration.ofNanos(Math.max(0, nanos)));
        }
        // A clock that was set back meanwhile does not show the time that has passed; zero is on the safe side.
        Duration ago = Duration.between(saved.at(), context.instants().instant());
        return new Age(Clock.WALL, ago.isNegative() ? Duration.ZERO : ago);
    }

    /** Begins a checkpoint if one is due. */
    synchronized void saveIfDue() {
        AccountSnapshot.Moment moment = moment(false);
        AccountSnapshot saved = null;
        boolean overdue;
        synchronized (account) {
            long now = account.now();
            overdue = schedule.becomesOverdue(now);
            if (!closed && schedule.isDue(now)) {
                schedule.begin(now);
                saved = account.beginCheckpoint(now, moment);
            }
        }
        if (overdue) {
            account.change(account::recheckRates);
            context.listener()
                    .unavailable(
                            account.name(),
                            "it takes longer than " + context.settings().overdue());
        }
        if (saved != null) {
            context.store().save(account.name(), saved, this::ended);
        }
    }

    private AccountSnapshot.Moment moment(boolean complete) {
        Instant at = context.instants().instant();
        return context.boot()
                .read()
                .map(boot -> new AccountSnapshot.Moment(at, boot.boot(), boot.nanos(), complete))
                .orElseGet(() -> new AccountSnapshot.Moment(at, null, 0, complete));
    }

    private void ended(@Nullable IOException failure) {
        boolean[] news = new boolean[1];
        account.change(now -> {
            news[0] = schedule.end(now, failure == null);
            account.endCheckpoint(now, failure == null);
            account.recheckRates(now);
        });
        if (news[0] && failure == null) {
            context.listener().recovered(account.name());
        } else if (news[0]) {
            context.listener().unavailable(account.name(), String.valueOf(failure));
        }
    }

    /** Records that there is something new to save. Called with the account's lock. */
    void changed(long now) {
        schedule.changed(now);
    }

    /** When there is something to do next. Called with the account's lock. */
    long nextAt() {
        return closed ? Times.NEVER : schedule.nextAt();
    }

    /** Saves for the last time: nothing is granted any more. Waits for the store. */
    synchronized void close() {
        AccountSnapshot.Moment moment = moment(true);
        AccountSnapshot saved;
        synchronized (account) {
            if (closed) {
                return;
            }
            closed = true;
            saved = account.saveAtEnd(moment);
        }
        context.store().save(account.name(), saved, this::ended);
    }
}
