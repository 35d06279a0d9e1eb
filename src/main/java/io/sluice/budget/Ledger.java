package io.sluice.budget;

import io.sluice.budget.window.BurstAllowance;
import io.sluice.budget.window.CheckpointSchedule;
import io.sluice.budget.window.ConcurrencyCounter;
import io.sluice.budget.window.Cooldown;
import io.sluice.budget.window.CounterGroup;
import io.sluice.budget.window.LatencyJitter;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.LimitMatch;
import io.sluice.budget.window.LimitReading;
import io.sluice.budget.window.RateCounter;
import io.sluice.budget.window.ReportedUse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;
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
    private final PriorityQueue<Attempt> givenUp =
            new PriorityQueue<>(1, (one, other) -> Long.compare(one.sentAt(), other.sentAt()));

    /** The sending time of the latest-sent call that has a response. */
    private long latestAnswered = Long.MIN_VALUE;

    private final Map<ThrottleCause, Long> throttled = new EnumMap<>(ThrottleCause.class);

    private final String account;

    /** @param schedule when the account is saved; null if it never is */
    Ledger(String account, Collection<Limit> limits, @Nullable CheckpointSchedule schedule) {
        this.account = account;
        this.limits = limits.stream()
                .map(limit -> new CounterGroup(limit, latency, schedule))
                .toList();
        if (limits.stream().map(Limit::name).distinct().count() < limits.size()) {
            throw new IllegalArgumentException("account " + account + " has two limits of one name: " + limits);
        }
    }

    /** The counters of a limit, or null. An account has a handful, so a scan is enough. */
    @Nullable
    CounterGroup group(String limit) {
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
        return require(cost.limit()).get(cost.variable());
    }

    private CounterGroup require(String limit) {
        CounterGroup group = group(limit);
        if (group == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + limit);
        }
        return group;
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

    /** Follows the defined limit again and returns its counters. */
    Collection<LimitCounter> restore(long now, String limit) {
        CounterGroup group = require(limit);
        group.restore(now);
        return group.all();
    }

    /** Resumes bursts of a limit, and returns its counters. */
    Collection<LimitCounter> resumeBursts(String limit) {
        CounterGroup group = require(limit);
        group.resumeBursts();
        return group.all();
    }

    /** Resets a limit's counts and estimates, and returns its counters. */
    Collection<LimitCounter> reset(long now, String limit) {
        CounterGroup group = require(limit);
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
            case RateCounter rate -> new Budget.Inquiry(account, limit, rate.inquire(), rate.settled());
            case ConcurrencyCounter _ -> new Budget.Inquiry(account, limit, 0, 0);
        };
    }

    /** Follows a vendor's report, and returns the counters that it affects. */
    Collection<LimitCounter> report(long now, Budget.Inquiry inquiry, Budget.Report report) {
        LimitCounter counter = shared(inquiry.limit());
        ReportedUse said = new ReportedUse(
                inquiry.number(), inquiry.settled(), report.permits(), report.remaining(), report.mayRaise());
        switch (counter) {
            case RateCounter rate -> rate.report(now, said);
            case ConcurrencyCounter flights -> flights.report(said);
        }
        return List.of(counter);
    }

    /** Takes a permit's costs; {@code forced} if it is granted although something holds it back. */
    void take(long now, Attempt permit, boolean forced) {
        cooldown.pass(permit.token());
        operation(permit.operation()).pass(permit.token());
        for (int index = 0; index < permit.counters().size(); index++) {
            LimitCounter counter = permit.counters().get(index);
            counter.cooldown().pass(permit.token());
            int before = counter.take(
                    now, permit.permits(index), forced ? BurstAllowance.NONE : permit.holder.allowance(index));
            if (before != LimitCounter.PACED) {
                permit.goesInBurst(index, before);
            }
        }
    }

    /** Has the permit pass the cooldown of another operation in place of its own; returns false if that is closed. */
    boolean reassign(long now, Attempt permit, String operation) {
        Cooldown other = operation(operation);
        if (other.opensAt(now) > now) {
            return false;
        }
        operation(permit.operation()).unsent(permit.token());
        permit.become(operation);
        other.pass(permit.token());
        return true;
    }

    void release(Attempt permit) {
        for (int index = 0; index < permit.counters().size(); index++) {
            permit.counters().get(index).release(permit.permits(index));
        }
        cooldowns(permit).forEach(each -> each.unsent(permit.token()));
    }

    /**
     * Records that no response is waited for any longer. The vendor may still count what its machine has received,
     * however late it processes it: so the permits stay taken until the first response to a call that was sent later
     * shows that it did.
     */
    void abandon(long now, Attempt permit) {
        if (latestAnswered > permit.sentAt() || permit.counters().isEmpty()) {
            settle(now, permit);
        } else {
            givenUp.add(permit);
            for (int index = 0; index < permit.counters().size(); index++) {
                permit.counters().get(index).abandon(now, permit.permits(index));
            }
        }
        probeSucceeded(now, permit);
    }

    /** Starts to age abandoned permits that were sent before a call that has a response. */
    private void settleGivenUp(long now, long sentAt) {
        latestAnswered = Math.max(latestAnswered, sentAt);
        while (!givenUp.isEmpty() && givenUp.peek().sentAt() < sentAt) {
            Attempt permit = givenUp.remove();
            for (int index = 0; index < permit.counters().size(); index++) {
                permit.counters().get(index).settleGivenUp(now, permit.permits(index));
            }
        }
    }

    /** Takes in a response; returns true if calls that were abandoned before age from now on. */
    boolean complete(long now, Attempt permit, LimitFeedback answer) {
        settle(now, permit);
        int lost = givenUp.size();
        settleGivenUp(now, permit.sentAt());
        boolean changed = false;
        for (LimitReading reading : answer.readings()) {
            for (LimitCounter counter : meant(permit.counters(), reading)) {
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
    private static List<LimitCounter> meant(List<LimitCounter> claimed, LimitReading reading) {
        if (reading.limit().equals(LimitReading.UNNAMED)) {
            LimitCounter found = LimitMatch.find(claimed, reading.permits());
            return found == null ? List.of() : List.of(found);
        }
        return claimed.stream()
                .filter(counter -> counter.limit().equals(reading.limit()))
                .toList();
    }

    private static void settle(long now, Attempt permit) {
        for (int index = 0; index < permit.counters().size(); index++) {
            permit.counters().get(index).settle(now, permit.permits(index));
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
    private ThrottleCause cause(long now, Attempt permit, boolean changed) {
        if (cooldowns(permit).stream().anyMatch(each -> each.isProbe(permit.token()))) {
            return ThrottleCause.PROBE;
        }
        if (changed) {
            return ThrottleCause.UNDOCUMENTED;
        }
        List<LimitCounter> counters = permit.counters();
        if (counters.stream().anyMatch(counter -> counter.showsForeignUse(now))) {
            return ThrottleCause.FOREIGN;
        }
        return wentInBurst(permit) || counters.stream().anyMatch(counter -> counter.mayBeOurFault(now))
                ? ThrottleCause.AVOIDABLE
                : ThrottleCause.UNDOCUMENTED;
    }

    private static boolean wentInBurst(Attempt permit) {
        for (int index = 0; index < permit.counters().size(); index++) {
            if (permit.inBurst(index) != LimitCounter.PACED) {
                return true;
            }
        }
        return false;
    }

    private void refused(long now, Attempt permit, ThrottleCause cause, LimitFeedback.Throttle throttle) {
        List<Cooldown> closing = switch (throttle.scope()) {
            case OPERATION -> List.of(operation(permit.operation()));
            case LIMITS ->
                permit.counters().stream().map(counter -> counter.cooldown()).toList();
            case ACCOUNT -> List.of(cooldown);
        };
        boolean news = false;
        for (Cooldown each : closing) {
            news |= each.refused(permit.token(), now, throttle.retryAfter(), throttle.backoff());
        }
        // It may have been the probe of a cooldown that stays open; that one has no result.
        cooldowns(permit).forEach(each -> each.unsent(permit.token()));
        for (int index = 0; index < permit.counters().size(); index++) {
            LimitCounter counter = permit.counters().get(index);
            if (permit.inBurst(index) == LimitCounter.PACED) {
                if (news && counter.mayBeOurFault(now)) {
                    counter.widenMargin(now);
                }
            } else if (cause == ThrottleCause.AVOIDABLE) {
                counter.refusedInBurst(now, permit.grantedAt(), permit.inBurst(index));
            }
        }
    }

    private void probeSucceeded(long now, Attempt permit) {
        boolean reopened = false;
        for (Cooldown each : cooldowns(permit)) {
            reopened |= each.probeSucceeded(permit.token(), now);
        }
        if (reopened) {
            permit.counters().forEach(counter -> counter.slowDown(now));
        }
    }

    private List<Cooldown> cooldowns(Attempt permit) {
        List<Cooldown> cooldowns = new ArrayList<>(2 + permit.counters().size());
        cooldowns.add(cooldown);
        cooldowns.add(operation(permit.operation()));
        for (LimitCounter counter : permit.counters()) {
            cooldowns.add(counter.cooldown());
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

    /** Ends the checkpoint that was begun last. */
    void endCheckpoint(long now, boolean written) {
        limits.forEach(group -> group.endCheckpoint(now, written));
    }
}
