package io.sluice.budget;

import io.sluice.budget.window.CheckpointSchedule;
import io.sluice.budget.window.Cooldown;
import io.sluice.budget.window.CounterGroup;
import io.sluice.budget.window.CounterSnapshot;
import io.sluice.budget.window.CrashRules;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.RateCounter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The snapshots of one ledger: takes them, and restores them in a new process. Guarded by the account's lock. */
final class LedgerSnapshots {
    private final Ledger ledger;
    private final @Nullable CheckpointSchedule schedule;

    /** @param schedule when the account is saved; null if it never is */
    LedgerSnapshots(Ledger ledger, @Nullable CheckpointSchedule schedule) {
        this.ledger = ledger;
        this.schedule = schedule;
    }

    /**
     * Begins a checkpoint: returns the state that must outlive a restart, and reserves what may be granted until the
     * next one.
     *
     * @param atOnce how many of the permits that are waited for of a counter could be granted this moment
     */
    AccountSnapshot begin(long now, AccountSnapshot.Moment moment, ToLongFunction<RateCounter> atOnce) {
        List<CounterSnapshot.Unsaved> unseen = new ArrayList<>();
        List<CounterSnapshot> saved = new ArrayList<>();
        for (CounterGroup group : ledger.limits) {
            CounterSnapshot.Unsaved others = group.beginCheckpoint(now);
            if (others != null) {
                unseen.add(others);
            }
            for (LimitCounter counter : group.all()) {
                int reserved = counter instanceof RateCounter rate ? rate.beginCheckpoint(atOnce.applyAsLong(rate)) : 0;
                boolean same = others == null || reserved == others.reserve();
                if (!same || counter.worthSaving(now)) {
                    saved.add(counter.save(now, reserved));
                }
            }
        }
        return saved(now, moment, unseen, saved);
    }

    /** Returns the snapshot for the end of the process: nothing is granted after it. */
    AccountSnapshot atEnd(long now, AccountSnapshot.Moment moment) {
        List<CounterSnapshot.Unsaved> unseen = new ArrayList<>();
        List<CounterSnapshot> saved = new ArrayList<>();
        for (CounterGroup group : ledger.limits) {
            CounterSnapshot.Unsaved others = group.saveAtEnd(now);
            if (others != null) {
                unseen.add(others);
            }
            for (LimitCounter counter : group.all()) {
                if (counter.worthSaving(now)) {
                    saved.add(counter.save(now, others == null ? 0 : others.reserve()));
                }
            }
        }
        return saved(now, moment, unseen, saved);
    }

    private AccountSnapshot saved(
            long now,
            AccountSnapshot.Moment moment,
            List<CounterSnapshot.Unsaved> unseen,
            List<CounterSnapshot> savedCounters) {
        Map<String, Long> closed = new TreeMap<>();
        ledger.operations.forEach((operation, each) -> {
            if (each.closedUntil() > now) {
                closed.put(operation, each.closedUntil() - now);
            }
        });
        return new AccountSnapshot(
                AccountSnapshot.VERSION,
                moment.at(),
                moment.boot(),
                moment.sinceBootNanos(),
                moment.complete(),
                Math.max(0, ledger.cooldown.closedUntil() - now),
                closed,
                unseen,
                savedCounters,
                bursts(now));
    }

    private Map<String, CounterSnapshot.BurstLimit> bursts(long now) {
        Map<String, CounterSnapshot.BurstLimit> bursts = new TreeMap<>();
        for (CounterGroup group : ledger.limits) {
            CounterSnapshot.BurstLimit taught = group.saveBursts(now);
            if (taught != null) {
                bursts.put(group.limit().name(), taught);
            }
        }
        return bursts;
    }

    /**
     * Restores what was saved {@code ago} nanoseconds ago.
     *
     * @param lockedAt since when no other process can have sent anything
     * @return what counts of it, for the log
     */
    List<RestoreReport.LimitUse> restore(long now, long lockedAt, long ago, AccountSnapshot saved) {
        saved.bursts().forEach((limit, taught) -> {
            CounterGroup group = ledger.group(limit);
            if (group != null) {
                group.restoreBursts(now, ago, taught);
            }
        });
        CrashRules rules = rules();
        long at = rules.unsettledAt(now - ago, lockedAt);
        Tally tally = new Tally();
        for (CounterSnapshot savedCounter : saved.counters()) {
            CounterGroup group = ledger.group(savedCounter.limit());
            if (group != null) {
                LimitCounter counter = group.get(savedCounter.variable());
                counter.restore(now, ago, savedCounter);
                if (counter instanceof RateCounter rate) {
                    int reserved = saved.version() == 0 ? before(saved, group) : savedCounter.reserve();
                    rate.countUnsettled(at, rules.unsettled(savedCounter.inFlight(), reserved));
                    tally.add(savedCounter, reserved);
                }
            }
        }
        for (CounterSnapshot.Unsaved unseen : unseen(saved)) {
            CounterGroup group = ledger.group(unseen.limit());
            if (group != null && group.limit() instanceof Limit.Rate) {
                unseen.arrivals().forEach(each -> group.countUnseen(now - ago - each.agoNanos(), each.permits()));
                group.countUnseen(at, (int) rules.unsettled(0, unseen.reserve()));
                tally.add(unseen);
            }
        }
        reopen(now, ledger.cooldown, saved.closedForNanos() - ago);
        saved.closedOperationsNanos()
                .forEach((operation, closedFor) -> reopen(now, ledger.operation(operation), closedFor - ago));
        return counted(now, tally);
    }

    /** The state of counters that are not in a checkpoint; the version before did not save it. */
    private List<CounterSnapshot.Unsaved> unseen(AccountSnapshot saved) {
        return saved.version() > 0
                ? saved.limits()
                : ledger.limits.stream()
                        .map(group ->
                                new CounterSnapshot.Unsaved(group.limit().name(), List.of(), before(saved, group)))
                        .toList();
    }

    private static int before(AccountSnapshot saved, CounterGroup group) {
        return saved.complete() ? 0 : group.reserveOfVersionBefore();
    }

    /** Counts every limit as used up, since its checkpoint is lost; returns what counts, for the log. */
    List<RestoreReport.LimitUse> lost(long now, long lockedAt) {
        Tally tally = new Tally();
        for (CounterGroup group : ledger.limits) {
            if (group.limit() instanceof Limit.Rate rate) {
                int used = rules().usedIfLost(rate.permits());
                group.countUnseen(lockedAt, used);
                tally.add(new CounterSnapshot.Unsaved(rate.name(), List.of(), used));
            }
        }
        return counted(now, tally);
    }

    private CrashRules rules() {
        if (schedule == null) {
            throw new IllegalStateException("the account is not saved");
        }
        return schedule.rules();
    }

    private List<RestoreReport.LimitUse> counted(long now, Tally tally) {
        List<RestoreReport.LimitUse> counted = new ArrayList<>();
        for (CounterGroup group : ledger.limits) {
            if (group.limit() instanceof Limit.Rate) {
                // The shared ones are shown at once.
                group.get("");
                long used = group.all().stream()
                        .mapToLong(counter -> counter.usage(now).used())
                        .max()
                        .orElse(0);
                if (used > 0) {
                    counted.add(tally.counted(group.limit(), used));
                }
            }
        }
        return counted;
    }

    /** The permits that a new process counts, by their reason. */
    private static final class Tally {
        private final Map<String, long[]> parts = new TreeMap<>();

        void add(CounterSnapshot savedCounter, int reserved) {
            long[] sums = of(savedCounter.limit());
            sums[0] += savedCounter.arrivals().stream()
                    .mapToLong(CounterSnapshot.Arrival::permits)
                    .sum();
            sums[1] += savedCounter.inFlight();
            sums[2] += reserved;
            sums[3]++;
        }

        void add(CounterSnapshot.Unsaved unseen) {
            long[] sums = of(unseen.limit());
            if (sums[3] == 0) {
                sums[2] += unseen.reserve();
            }
        }

        private long[] of(String limit) {
            return parts.computeIfAbsent(limit, added -> new long[4]);
        }

        RestoreReport.LimitUse counted(Limit limit, long used) {
            long[] sums = of(limit.name());
            return new RestoreReport.LimitUse(limit.name(), limit.permits(), used, sums[0], sums[1], sums[2]);
        }
    }

    private static void reopen(long now, Cooldown cooldown, long closedFor) {
        if (closedFor > 0) {
            cooldown.close(now + closedFor);
        }
    }
}
