package io.sluice.budget;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of one account: its counters, its cooldowns, and the round trips of its calls. Independent of the queue.
 * Guarded by the account's lock.
 */
final class Ledger {
    final List<CounterGroup> limits;
    Map<String, Cooldown> operations = Map.of();
    final Cooldown cooldown = new Cooldown();
    final LatencyJitter latency = new LatencyJitter();
    /** Abandoned calls without a later response, the one that was sent first at the head. */
    private final PriorityQueue<HeldPermit> givenUp =
            new PriorityQueue<>(1, (one, other) -> Long.compare(one.sentAt(), other.sentAt()));

    /** The sending time of the latest-sent call that has a response. */
    private long latestAnswered = Long.MIN_VALUE;

    private final Map<ThrottleCause, Long> throttled = new EnumMap<>(ThrottleCause.class);

    private final String account;
    private final @Nullable CheckpointSchedule schedule;

    /** @param schedule when the account is saved; null if it never is */
    Ledger(String account, Collection<Limit> limits, @Nullable CheckpointSchedule schedule) {
        this.account = account;
        this.schedule = schedule;
        this.limits = limits.stream()
                .map(limit -> new CounterGroup(limit, latency, schedule))
                .toList();
        if (limits.stream().map(Limit::name).distinct().count() < limits.size()) {
            throw new IllegalArgumentException("account " + account + " has two limits of one name: " + limits);
        }
    }

    /** The counters of a limit, or null. An account has a handful, so a scan is enough. */
    private @Nullable CounterGroup group(String limit) {
        for (CounterGroup group : limits) {
            if (group.limit().name().equals(limit)) {
                return group;
            }
        }
        return null;
    }

    /** The counters of a request, one for each cost. */
    List<LimitCounter> counters(List<LimitCost> costs) {
        if (costs.size() == 1) {
            return List.of(counter(costs.getFirst()));
        }
        List<LimitCounter> counters = new ArrayList<>(costs.size());
        for (LimitCost cost : costs) {
            counters.add(counter(cost));
        }
        return counters;
    }

    private LimitCounter counter(LimitCost cost) {
        CounterGroup group = group(cost.limit());
        if (group == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + cost.limit());
        }
        return group.get(cost.variable());
    }

    Cooldown operation(String operation) {
        operations = operations.isEmpty() ? new TreeMap<>() : operations;
        return operations.computeIfAbsent(operation, added -> new Cooldown());
    }

    /** Follows a changed limit and returns its counters. */
    Collection<LimitCounter> change(long now, Limit limit) {
        CounterGroup group = group(limit.name());
        if (group == null || group.limit().getClass() != limit.getClass()) {
            throw new IllegalArgumentException("account " + account + " has no such limit: " + limit);
        }
        group.change(now, limit);
        return group.all();
    }

    /** Resumes bursts of a limit, and returns its counters. */
    Collection<LimitCounter> resumeBursts(String limit) {
        CounterGroup group = group(limit);
        if (group == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + limit);
        }
        group.bursts().resume();
        return group.all();
    }

    /** Resets a limit's counts and estimates, and returns its counters. */
    Collection<LimitCounter> reset(long now, String limit) {
        CounterGroup group = group(limit);
        if (group == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + limit);
        }
        group.reset(now);
        return group.all();
    }

    /** Follows a changed external use, and returns the counters that it affects. */
    Collection<LimitCounter> setExternalUse(String limit, int permits, int foreign) {
        if (!(shared(limit) instanceof ConcurrencyCounter flights)) {
            throw new IllegalArgumentException("account " + account + " has no limit in flight of the name " + limit);
        }
        flights.setExternalUse(permits, foreign);
        return List.of(flights);
    }

    /** The counter of a limit that the whole account shares. */
    private LimitCounter shared(String limit) {
        return counter(LimitCost.on(limit));
    }

    Budget.Inquiry inquire(String limit) {
        return switch (shared(limit)) {
            case RateCounter rate -> rate.inquire(account);
            case ConcurrencyCounter _ -> new Budget.Inquiry(account, limit, 0, 0);
        };
    }

    /** Follows a vendor's report, and returns the counters that it affects. */
    Collection<LimitCounter> report(long now, Budget.Inquiry inquiry, Budget.Report report) {
        LimitCounter counter = shared(inquiry.limit());
        switch (counter) {
            case RateCounter rate -> rate.report(now, inquiry, report);
            case ConcurrencyCounter flights -> flights.report(report);
        }
        return List.of(counter);
    }

    /** Takes a permit's costs; {@code forced} if it is granted although something holds it back. */
    void take(long now, HeldPermit permit, boolean forced) {
        QueuedRequest holder = permit.holder;
        cooldown.pass(permit);
        operation(permit.operation()).pass(permit);
        for (int index = 0; index < holder.counters.size(); index++) {
            LimitCounter counter = holder.counters.get(index);
            counter.cooldown.pass(permit);
            int before =
                    counter.take(now, holder.permits(index), forced ? BurstAllowance.NONE : holder.allowance(index));
            if (before != LimitCounter.PACED) {
                permit.goesInBurst(index, before);
            }
        }
    }

    /** Has the permit pass the cooldown of another operation in place of its own; returns false if that is closed. */
    boolean reassign(long now, HeldPermit permit, String operation) {
        Cooldown other = operation(operation);
        if (other.opensAt(now) > now) {
            return false;
        }
        operation(permit.operation()).unsent(permit);
        permit.become(operation);
        other.pass(permit);
        return true;
    }

    void release(HeldPermit permit) {
        QueuedRequest holder = permit.holder;
        for (int index = 0; index < holder.counters.size(); index++) {
            holder.counters.get(index).release(holder.permits(index));
        }
        cooldowns(permit).forEach(each -> each.unsent(permit));
    }

    /**
     * Records that no response is waited for any longer. The vendor may still count what its machine has received,
     * however late it processes it: so the permits stay taken until the first response to a call that was sent later
     * shows that it did.
     */
    void abandon(long now, HeldPermit permit) {
        if (latestAnswered > permit.sentAt() || permit.holder.counters.isEmpty()) {
            settle(now, permit);
        } else {
            givenUp.add(permit);
            for (int index = 0; index < permit.holder.counters.size(); index++) {
                permit.holder.counters.get(index).abandon(now, permit.holder.permits(index));
            }
        }
        probeSucceeded(now, permit);
    }

    /** Starts to age abandoned permits that were sent before a call that has a response. */
    private void settleGivenUp(long now, long sentAt) {
        latestAnswered = Math.max(latestAnswered, sentAt);
        while (!givenUp.isEmpty() && givenUp.peek().sentAt() < sentAt) {
            HeldPermit permit = givenUp.remove();
            for (int index = 0; index < permit.holder.counters.size(); index++) {
                permit.holder.counters.get(index).settleGivenUp(now, permit.holder.permits(index));
            }
        }
    }

    /** Takes in a response; returns true if calls that were abandoned before age from now on. */
    boolean complete(long now, HeldPermit permit, LimitFeedback answer) {
        settle(now, permit);
        int lost = givenUp.size();
        settleGivenUp(now, permit.sentAt());
        boolean changed = false;
        for (LimitFeedback.LimitReading reading : answer.readings()) {
            for (LimitCounter counter : meant(permit.holder.counters, reading)) {
                changed |= counter.observe(now, permit.sentAt(), reading);
            }
        }
        if (answer.throttle().isPresent()) {
            ThrottleCause cause = cause(now, permit, changed);
            throttled.merge(cause, 1L, Long::sum);
            refused(now, permit, cause, answer.throttle().get());
        } else {
            latency.add(now - permit.sentAt());
            probeSucceeded(now, permit);
        }
        return givenUp.size() < lost;
    }

    /** The counters among a call's that a reading is of. */
    private static List<LimitCounter> meant(List<LimitCounter> claimed, LimitFeedback.LimitReading reading) {
        if (reading.limit().equals(LimitFeedback.LimitReading.UNNAMED)) {
            LimitCounter found = LimitMatch.find(claimed, reading.permits());
            return found == null ? List.of() : List.of(found);
        }
        return claimed.stream()
                .filter(counter -> counter.limit.equals(reading.limit()))
                .toList();
    }

    private static void settle(long now, HeldPermit permit) {
        QueuedRequest holder = permit.holder;
        for (int index = 0; index < holder.counters.size(); index++) {
            holder.counters.get(index).settle(now, holder.permits(index));
        }
    }

    /** How many attempts were refused, by cause. */
    Map<ThrottleCause, Long> throttled() {
        Map<ThrottleCause, Long> counts = new EnumMap<>(ThrottleCause.class);
        for (ThrottleCause cause : ThrottleCause.values()) {
            counts.put(cause, throttled.getOrDefault(cause, 0L));
        }
        return counts;
    }

    /**
     * Why an attempt was refused; asked before its cooldowns are updated.
     *
     * @param changed whether its own response was the first to show a limit lower than before
     */
    private ThrottleCause cause(long now, HeldPermit permit, boolean changed) {
        if (cooldowns(permit).stream().anyMatch(each -> each.isProbe(permit))) {
            return ThrottleCause.PROBE;
        }
        if (changed) {
            return ThrottleCause.UNDOCUMENTED;
        }
        List<LimitCounter> counters = permit.holder.counters;
        if (counters.stream().anyMatch(counter -> counter.showsForeignUse(now))) {
            return ThrottleCause.FOREIGN;
        }
        return wentInBurst(permit) || counters.stream().anyMatch(counter -> counter.mayBeOurFault(now))
                ? ThrottleCause.AVOIDABLE
                : ThrottleCause.UNDOCUMENTED;
    }

    private static boolean wentInBurst(HeldPermit permit) {
        for (int index = 0; index < permit.holder.counters.size(); index++) {
            if (permit.inBurst(index) != LimitCounter.PACED) {
                return true;
            }
        }
        return false;
    }

    private void refused(long now, HeldPermit permit, ThrottleCause cause, LimitFeedback.Throttle throttle) {
        QueuedRequest holder = permit.holder;
        List<Cooldown> closing = switch (throttle.scope()) {
            case OPERATION -> List.of(operation(permit.operation()));
            case LIMITS ->
                holder.counters.stream().map(counter -> counter.cooldown).toList();
            case ACCOUNT -> List.of(cooldown);
        };
        boolean news = false;
        for (Cooldown each : closing) {
            news |= each.refused(permit, now, throttle);
        }
        // It may have been the probe of a cooldown that stays open; that one has no result.
        cooldowns(permit).forEach(each -> each.unsent(permit));
        for (int index = 0; index < holder.counters.size(); index++) {
            LimitCounter counter = holder.counters.get(index);
            if (permit.inBurst(index) == LimitCounter.PACED) {
                if (news && counter.mayBeOurFault(now)) {
                    counter.widenMargin(now);
                }
            } else if (cause == ThrottleCause.AVOIDABLE) {
                counter.refusedInBurst(now, permit.grantedAt(), permit.inBurst(index));
            }
        }
    }

    private void probeSucceeded(long now, HeldPermit permit) {
        boolean reopened = false;
        for (Cooldown each : cooldowns(permit)) {
            reopened |= each.probeSucceeded(permit, now);
        }
        if (reopened) {
            permit.holder.counters.forEach(counter -> counter.slowDown(now));
        }
    }

    private List<Cooldown> cooldowns(HeldPermit permit) {
        QueuedRequest holder = permit.holder;
        List<Cooldown> cooldowns = new ArrayList<>(2 + holder.counters.size());
        cooldowns.add(cooldown);
        cooldowns.add(operation(permit.operation()));
        for (LimitCounter counter : holder.counters) {
            cooldowns.add(counter.cooldown);
        }
        return cooldowns;
    }

    /** When an operation reopens, its account's cooldown included; a time in the past if it is open. */
    long opensAt(String operation) {
        return Math.max(cooldown.closedUntil(), operation(operation).closedUntil());
    }

    /** Drops idle counters; returns true if there are others that will be idle some day. */
    boolean sweep(long now) {
        boolean more = false;
        for (CounterGroup group : limits) {
            more |= group.sweep(now);
        }
        return more;
    }

    /** Drops the cooldowns of operations that are open, and samples of latencies, while no call waits. */
    void rest(long now) {
        latency.rest();
        if (!operations.isEmpty()) {
            operations.values().removeIf(each -> each.idle(now));
            operations = operations.isEmpty() ? Map.of() : operations;
        }
    }

    private Stream<LimitCounter> counters() {
        return limits.stream().flatMap(group -> group.all().stream());
    }

    List<LimitCounter> all() {
        return counters().toList();
    }

    /** The counters of which more may be taken once the permits taken so far are saved. */
    List<RateCounter> rateCounters() {
        return counters()
                .mapMulti((LimitCounter counter, Consumer<RateCounter> rates) -> {
                    if (counter instanceof RateCounter rate) {
                        rates.accept(rate);
                    }
                })
                .toList();
    }

    /**
     * Begins a checkpoint: returns the state that must outlive a restart, and reserves what may be granted until the
     * next one.
     *
     * @param atOnce how many of the permits that are waited for of a counter could be granted this moment
     */
    AccountSnapshot beginCheckpoint(long now, AccountSnapshot.Moment moment, ToLongFunction<RateCounter> atOnce) {
        List<AccountSnapshot.UnsavedCounter> unseen = new ArrayList<>();
        List<AccountSnapshot.Counter> saved = new ArrayList<>();
        for (CounterGroup group : limits) {
            AccountSnapshot.UnsavedCounter others = group.beginCheckpoint(now);
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
    AccountSnapshot saveAtEnd(long now, AccountSnapshot.Moment moment) {
        List<AccountSnapshot.UnsavedCounter> unseen = new ArrayList<>();
        List<AccountSnapshot.Counter> saved = new ArrayList<>();
        for (CounterGroup group : limits) {
            AccountSnapshot.UnsavedCounter others = group.saveAtEnd(now);
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
            List<AccountSnapshot.UnsavedCounter> unseen,
            List<AccountSnapshot.Counter> savedCounters) {
        Map<String, Long> closed = new TreeMap<>();
        operations.forEach((operation, each) -> {
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
                Math.max(0, cooldown.closedUntil() - now),
                closed,
                unseen,
                savedCounters,
                limits.stream()
                        .filter(each -> !each.bursts().isUntaught())
                        .collect(Collectors.toMap(
                                each -> each.limit().name(),
                                each -> each.bursts().save(now))));
    }

    /** Ends the checkpoint that was begun last. */
    void endCheckpoint(long now, boolean written) {
        limits.forEach(group -> group.endCheckpoint(now, written));
    }

    /**
     * Restores what was saved {@code ago} nanoseconds ago.
     *
     * @param lockedAt since when no other process can have sent anything
     * @return what counts of it, for the log
     */
    List<RestoreReport.LimitUse> restore(long now, long lockedAt, long ago, AccountSnapshot saved) {
        saved.bursts().forEach((limit, taught) -> {
            CounterGroup group = group(limit);
            if (group != null) {
                group.bursts().restore(now, ago, taught);
            }
        });
        CrashRules rules = rules();
        long at = rules.unsettledAt(now - ago, lockedAt);
        Tally tally = new Tally();
        for (AccountSnapshot.Counter savedCounter : saved.counters()) {
            CounterGroup group = group(savedCounter.limit());
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
        for (AccountSnapshot.UnsavedCounter unseen : unseen(saved)) {
            CounterGroup group = group(unseen.limit());
            if (group != null && group.limit() instanceof Limit.Rate) {
                unseen.arrivals().forEach(each -> group.countUnseen(now - ago - each.agoNanos(), each.permits()));
                group.countUnseen(at, (int) rules.unsettled(0, unseen.reserve()));
                tally.add(unseen);
            }
        }
        reopen(now, cooldown, saved.closedForNanos() - ago);
        saved.closedOperationsNanos()
                .forEach((operation, closedFor) -> reopen(now, operation(operation), closedFor - ago));
        return counted(now, tally);
    }

    /** The state of counters that are not in a checkpoint; the version before did not save it. */
    private List<AccountSnapshot.UnsavedCounter> unseen(AccountSnapshot saved) {
        return saved.version() > 0
                ? saved.limits()
                : limits.stream()
                        .map(group -> new AccountSnapshot.UnsavedCounter(
                                group.limit().name(), List.of(), before(saved, group)))
                        .toList();
    }

    private static int before(AccountSnapshot saved, CounterGroup group) {
        return !saved.complete() && group.limit() instanceof Limit.Rate rate ? CrashReserve.inVersionBefore(rate) : 0;
    }

    /** Counts every limit as used up, since its checkpoint is lost; returns what counts, for the log. */
    List<RestoreReport.LimitUse> lost(long now, long lockedAt) {
        Tally tally = new Tally();
        for (CounterGroup group : limits) {
            if (group.limit() instanceof Limit.Rate rate) {
                int used = rules().usedIfLost(rate.permits());
                group.countUnseen(lockedAt, used);
                tally.add(new AccountSnapshot.UnsavedCounter(rate.name(), List.of(), used));
            }
        }
        return counted(now, tally);
    }

    private CrashRules rules() {
        if (schedule == null) {
            throw new IllegalStateException("account " + account + " is not saved");
        }
        return schedule.rules;
    }

    private List<RestoreReport.LimitUse> counted(long now, Tally tally) {
        List<RestoreReport.LimitUse> counted = new ArrayList<>();
        for (CounterGroup group : limits) {
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

        void add(AccountSnapshot.Counter savedCounter, int reserved) {
            long[] sums = of(savedCounter.limit());
            sums[0] += savedCounter.arrivals().stream()
                    .mapToLong(AccountSnapshot.Arrival::permits)
                    .sum();
            sums[1] += savedCounter.inFlight();
            sums[2] += reserved;
            sums[3]++;
        }

        void add(AccountSnapshot.UnsavedCounter unseen) {
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
