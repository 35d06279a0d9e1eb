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
 * What one account has counted and learned: its counters, its gates, and the delays of its calls. Knows nothing of who
 * waits. Guarded by the account's lock.
 */
final class Ledger {
    final List<Counters> limits;
    Map<String, Gate> operations = Map.of();
    final Gate gate = new Gate();
    final DelaySpread delays = new DelaySpread();
    /** Calls that were given up and not followed by an answer, the one that was sent first at the head. */
    private final PriorityQueue<HeldPermit> givenUp =
            new PriorityQueue<>(1, (one, other) -> Long.compare(one.sentAt(), other.sentAt()));

    /** When the call was sent that was sent last of those answered. */
    private long latestAnswered = Long.MIN_VALUE;

    private final Map<ThrottleCause, Long> throttled = new EnumMap<>(ThrottleCause.class);

    private final String account;
    private final @Nullable SavingSchedule schedule;

    /** @param schedule when the account is saved; none if it never is */
    Ledger(String account, Collection<Limit> limits, @Nullable SavingSchedule schedule) {
        this.account = account;
        this.schedule = schedule;
        this.limits = limits.stream()
                .map(limit -> new Counters(limit, delays, schedule))
                .toList();
        if (limits.stream().map(Limit::name).distinct().count() < limits.size()) {
            throw new IllegalArgumentException("account " + account + " has two limits of one name: " + limits);
        }
    }

    /** The counters of a limit, or none. An account has a handful, so they are looked through. */
    private @Nullable Counters counters(String limit) {
        for (Counters counters : limits) {
            if (counters.limit().name().equals(limit)) {
                return counters;
            }
        }
        return null;
    }

    /** The counters of a demand, one a claim. */
    List<Meter> meters(List<Claim> claims) {
        if (claims.size() == 1) {
            return List.of(meter(claims.getFirst()));
        }
        List<Meter> meters = new ArrayList<>(claims.size());
        for (Claim claim : claims) {
            meters.add(meter(claim));
        }
        return meters;
    }

    private Meter meter(Claim claim) {
        Counters counters = counters(claim.limit());
        if (counters == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + claim.limit());
        }
        return counters.get(claim.variable());
    }

    Gate operation(String operation) {
        operations = operations.isEmpty() ? new TreeMap<>() : operations;
        return operations.computeIfAbsent(operation, added -> new Gate());
    }

    /** Follows a changed limit and returns its counters. */
    Collection<Meter> change(long now, Limit limit) {
        Counters counters = counters(limit.name());
        if (counters == null || counters.limit().getClass() != limit.getClass()) {
            throw new IllegalArgumentException("account " + account + " has no such limit: " + limit);
        }
        counters.change(now, limit);
        return counters.all();
    }

    /** Lets bursts of a limit go again, and returns its counters. */
    Collection<Meter> resumeBursts(String limit) {
        Counters counters = counters(limit);
        if (counters == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + limit);
        }
        counters.bursts().resume();
        return counters.all();
    }

    /** Has a limit forget what it has counted and learned, and returns its counters. */
    Collection<Meter> reset(long now, String limit) {
        Counters counters = counters(limit);
        if (counters == null) {
            throw new IllegalArgumentException("account " + account + " has no limit " + limit);
        }
        counters.reset(now);
        return counters.all();
    }

    /** Follows what is taken outside, and returns the counters that this concerns. */
    Collection<Meter> occupy(String limit, int permits, int foreign) {
        if (!(shared(limit) instanceof FlightMeter flights)) {
            throw new IllegalArgumentException("account " + account + " has no limit in flight of the name " + limit);
        }
        flights.occupy(permits, foreign);
        return List.of(flights);
    }

    /** The counter of a limit that the whole account shares. */
    private Meter shared(String limit) {
        return meter(Claim.on(limit));
    }

    Budget.Inquiry inquire(String limit) {
        return switch (shared(limit)) {
            case RateMeter rate -> rate.inquire(account);
            case FlightMeter _ -> new Budget.Inquiry(account, limit, 0, 0);
        };
    }

    /** Follows what the vendor reported, and returns the counters that this concerns. */
    Collection<Meter> report(long now, Budget.Inquiry inquiry, Budget.Report report) {
        Meter meter = shared(inquiry.limit());
        switch (meter) {
            case RateMeter rate -> rate.report(now, inquiry, report);
            case FlightMeter flights -> flights.report(report);
        }
        return List.of(meter);
    }

    /** Takes what a permit claims; {@code forced} if it is granted whatever that holds back. */
    void take(long now, HeldPermit permit, boolean forced) {
        Waiter holder = permit.holder;
        gate.pass(permit);
        operation(permit.operation()).pass(permit);
        for (int claim = 0; claim < holder.meters.size(); claim++) {
            Meter meter = holder.meters.get(claim);
            meter.gate.pass(permit);
            int before = meter.take(now, holder.permits(claim), forced ? Haste.NONE : holder.haste(claim));
            if (before != Meter.PACED) {
                permit.goesInBurst(claim, before);
            }
        }
    }

    /** Has the permit pass the gate of another operation in place of its own; false if that is closed. */
    boolean useFor(long now, HeldPermit permit, String operation) {
        Gate other = operation(operation);
        if (other.opensAt(now) > now) {
            return false;
        }
        operation(permit.operation()).unsent(permit);
        permit.become(operation);
        other.pass(permit);
        return true;
    }

    void giveBack(HeldPermit permit) {
        Waiter holder = permit.holder;
        for (int claim = 0; claim < holder.meters.size(); claim++) {
            holder.meters.get(claim).giveBack(holder.permits(claim));
        }
        gates(permit).forEach(each -> each.unsent(permit));
    }

    /**
     * Notes that no answer is waited for any longer. What the vendor's machine has received it may still count, as late
     * as it comes to it: so what was taken stays, until the first answer to a call that was sent later shows that it did.
     */
    void gaveUp(long now, HeldPermit permit) {
        if (latestAnswered > permit.sentAt() || permit.holder.meters.isEmpty()) {
            settle(now, permit);
        } else {
            givenUp.add(permit);
            for (int claim = 0; claim < permit.holder.meters.size(); claim++) {
                permit.holder.meters.get(claim).gaveUp(now, permit.holder.permits(claim));
            }
        }
        proven(now, permit);
    }

    /** Has what was given up age from now on, if it was sent before a call that is answered. */
    private void settleGivenUp(long now, long sentAt) {
        latestAnswered = Math.max(latestAnswered, sentAt);
        while (!givenUp.isEmpty() && givenUp.peek().sentAt() < sentAt) {
            HeldPermit permit = givenUp.remove();
            for (int claim = 0; claim < permit.holder.meters.size(); claim++) {
                permit.holder.meters.get(claim).settleGivenUp(now, permit.holder.permits(claim));
            }
        }
    }

    /** Hears an answer; returns whether calls that were given up before age from now on. */
    boolean answered(long now, HeldPermit permit, Answer answer) {
        settle(now, permit);
        int lost = givenUp.size();
        settleGivenUp(now, permit.sentAt());
        boolean changed = false;
        for (Answer.Reading reading : answer.readings()) {
            for (Meter meter : permit.holder.meters) {
                if (meter.limit.equals(reading.limit())) {
                    changed |= meter.hear(now, permit.sentAt(), reading);
                }
            }
        }
        if (answer.throttle().isPresent()) {
            ThrottleCause cause = cause(now, permit, changed);
            throttled.merge(cause, 1L, Long::sum);
            refused(now, permit, cause, answer.throttle().get());
        } else {
            delays.add(now - permit.sentAt());
            proven(now, permit);
        }
        return givenUp.size() < lost;
    }

    private static void settle(long now, HeldPermit permit) {
        Waiter holder = permit.holder;
        for (int claim = 0; claim < holder.meters.size(); claim++) {
            holder.meters.get(claim).settle(now, holder.permits(claim));
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
     * Why an attempt was refused; asked before its gates learn of it.
     *
     * @param changed whether its own answer was the first to tell of a limit lower than before
     */
    private ThrottleCause cause(long now, HeldPermit permit, boolean changed) {
        if (gates(permit).stream().anyMatch(each -> each.isCanary(permit))) {
            return ThrottleCause.PROBE;
        }
        if (changed) {
            return ThrottleCause.UNDOCUMENTED;
        }
        List<Meter> meters = permit.holder.meters;
        if (meters.stream().anyMatch(meter -> meter.showsForeignUse(now))) {
            return ThrottleCause.FOREIGN;
        }
        return burstClaim(permit) || meters.stream().anyMatch(meter -> meter.mayBeOurFault(now))
                ? ThrottleCause.AVOIDABLE
                : ThrottleCause.UNDOCUMENTED;
    }

    private static boolean burstClaim(HeldPermit permit) {
        for (int claim = 0; claim < permit.holder.meters.size(); claim++) {
            if (permit.inBurst(claim) != Meter.PACED) {
                return true;
            }
        }
        return false;
    }

    private void refused(long now, HeldPermit permit, ThrottleCause cause, Answer.Throttle throttle) {
        Waiter holder = permit.holder;
        List<Gate> closing = switch (throttle.scope()) {
            case OPERATION -> List.of(operation(permit.operation()));
            case LIMITS -> holder.meters.stream().map(meter -> meter.gate).toList();
            case ACCOUNT -> List.of(gate);
        };
        boolean news = false;
        for (Gate each : closing) {
            news |= each.refused(permit, now, throttle);
        }
        // It may have been the canary of a gate that stays open; that one has learned nothing.
        gates(permit).forEach(each -> each.unsent(permit));
        for (int claim = 0; claim < holder.meters.size(); claim++) {
            Meter meter = holder.meters.get(claim);
            if (permit.inBurst(claim) == Meter.PACED) {
                if (news && meter.mayBeOurFault(now)) {
                    meter.beMoreCareful(now);
                }
            } else if (cause == ThrottleCause.AVOIDABLE) {
                meter.refusedInBurst(now, permit.grantedAt(), permit.inBurst(claim));
            }
        }
    }

    private void proven(long now, HeldPermit permit) {
        boolean reopened = false;
        for (Gate each : gates(permit)) {
            reopened |= each.proven(permit, now);
        }
        if (reopened) {
            permit.holder.meters.forEach(meter -> meter.goSlowly(now));
        }
    }

    private List<Gate> gates(HeldPermit permit) {
        Waiter holder = permit.holder;
        List<Gate> gates = new ArrayList<>(2 + holder.meters.size());
        gates.add(gate);
        gates.add(operation(permit.operation()));
        for (Meter meter : holder.meters) {
            gates.add(meter.gate);
        }
        return gates;
    }

    /** When an operation reopens, its account's gate included; a time in the past if it is open. */
    long opensAt(String operation) {
        return Math.max(gate.closedUntil(), operation(operation).closedUntil());
    }

    /** Drops counters that rest; returns whether there are others that will some day. */
    boolean sweep(long now) {
        boolean more = false;
        for (Counters counters : limits) {
            more |= counters.sweep(now);
        }
        return more;
    }

    /** Drops the gates of operations that are open, and samples of delays, while nobody waits. */
    void rest(long now) {
        delays.rest();
        if (!operations.isEmpty()) {
            operations.values().removeIf(each -> each.idle(now));
            operations = operations.isEmpty() ? Map.of() : operations;
        }
    }

    private Stream<Meter> meters() {
        return limits.stream().flatMap(counters -> counters.all().stream());
    }

    List<Meter> all() {
        return meters().toList();
    }

    /** The meters of which more may be taken once what was taken is saved. */
    List<RateMeter> rateMeters() {
        return meters().mapMulti((Meter meter, Consumer<RateMeter> rates) -> {
                    if (meter instanceof RateMeter rate) {
                        rates.accept(rate);
                    }
                })
                .toList();
    }

    /**
     * Begins a saving: what must outlive a restart, and what may be granted until the next one.
     *
     * @param atOnce how many of the permits that are waited for of a meter could be granted this moment
     */
    SavedAccount beginSaving(long now, SavedAccount.Moment moment, ToLongFunction<RateMeter> atOnce) {
        List<SavedAccount.Unseen> unseen = new ArrayList<>();
        List<SavedAccount.Counter> saved = new ArrayList<>();
        for (Counters counters : limits) {
            SavedAccount.Unseen others = counters.beginSaving(now);
            if (others != null) {
                unseen.add(others);
            }
            for (Meter meter : counters.all()) {
                int reserved = meter instanceof RateMeter rate ? rate.beginSaving(atOnce.applyAsLong(rate)) : 0;
                boolean same = others == null || reserved == others.reserve();
                if (!same || meter.worthSaving(now)) {
                    saved.add(meter.save(now, reserved));
                }
            }
        }
        return saved(now, moment, unseen, saved);
    }

    /** The same for the end: nothing is granted after it. */
    SavedAccount saveAtEnd(long now, SavedAccount.Moment moment) {
        List<SavedAccount.Unseen> unseen = new ArrayList<>();
        List<SavedAccount.Counter> saved = new ArrayList<>();
        for (Counters counters : limits) {
            SavedAccount.Unseen others = counters.saveAtEnd(now);
            if (others != null) {
                unseen.add(others);
            }
            for (Meter meter : counters.all()) {
                if (meter.worthSaving(now)) {
                    saved.add(meter.save(now, others == null ? 0 : others.reserve()));
                }
            }
        }
        return saved(now, moment, unseen, saved);
    }

    private SavedAccount saved(
            long now,
            SavedAccount.Moment moment,
            List<SavedAccount.Unseen> unseen,
            List<SavedAccount.Counter> counters) {
        Map<String, Long> closed = new TreeMap<>();
        operations.forEach((operation, each) -> {
            if (each.closedUntil() > now) {
                closed.put(operation, each.closedUntil() - now);
            }
        });
        return new SavedAccount(
                SavedAccount.VERSION,
                moment.at(),
                moment.boot(),
                moment.sinceBootNanos(),
                moment.complete(),
                Math.max(0, gate.closedUntil() - now),
                closed,
                unseen,
                counters,
                limits.stream()
                        .filter(each -> !each.bursts().isUntaught())
                        .collect(Collectors.toMap(
                                each -> each.limit().name(),
                                each -> each.bursts().save(now))));
    }

    /** Ends the saving that was begun last. */
    void endSaving(long now, boolean written) {
        limits.forEach(counters -> counters.endSaving(now, written));
    }

    /**
     * Takes over what was saved {@code ago} nanoseconds ago.
     *
     * @param lockedAt since when no other process can have sent anything
     * @return what counts of it, for the log
     */
    List<Restored.Counted> restore(long now, long lockedAt, long ago, SavedAccount saved) {
        saved.bursts().forEach((limit, taught) -> {
            Counters counters = counters(limit);
            if (counters != null) {
                counters.bursts().restore(now, ago, taught);
            }
        });
        CrashRules rules = rules();
        long at = rules.unsettledAt(now - ago, lockedAt);
        Tally tally = new Tally();
        for (SavedAccount.Counter counter : saved.counters()) {
            Counters counters = counters(counter.limit());
            if (counters != null) {
                Meter meter = counters.get(counter.variable());
                meter.restore(now, ago, counter);
                if (meter instanceof RateMeter rate) {
                    int reserved = saved.version() == 0 ? before(saved, counters) : counter.reserve();
                    rate.countUnsettled(at, rules.unsettled(counter.inFlight(), reserved));
                    tally.add(counter, reserved);
                }
            }
        }
        for (SavedAccount.Unseen unseen : unseen(saved)) {
            Counters counters = counters(unseen.limit());
            if (counters != null && counters.limit() instanceof Limit.Rate) {
                unseen.arrivals().forEach(each -> counters.countUnseen(now - ago - each.agoNanos(), each.permits()));
                counters.countUnseen(at, (int) rules.unsettled(0, unseen.reserve()));
                tally.add(unseen);
            }
        }
        reopen(now, gate, saved.closedForNanos() - ago);
        saved.closedOperationsNanos()
                .forEach((operation, closedFor) -> reopen(now, operation(operation), closedFor - ago));
        return counted(now, tally);
    }

    /** What holds for counters that are not in a saving; the version before did not say it. */
    private List<SavedAccount.Unseen> unseen(SavedAccount saved) {
        return saved.version() > 0
                ? saved.limits()
                : limits.stream()
                        .map(counters ->
                                new SavedAccount.Unseen(counters.limit().name(), List.of(), before(saved, counters)))
                        .toList();
    }

    private static int before(SavedAccount saved, Counters counters) {
        return !saved.complete() && counters.limit() instanceof Limit.Rate rate ? Reserve.inVersionBefore(rate) : 0;
    }

    /** Counts every limit as used up, since what was saved is lost; returns what counts, for the log. */
    List<Restored.Counted> lost(long now, long lockedAt) {
        Tally tally = new Tally();
        for (Counters counters : limits) {
            if (counters.limit() instanceof Limit.Rate rate) {
                int used = rules().usedIfLost(rate.permits());
                counters.countUnseen(lockedAt, used);
                tally.add(new SavedAccount.Unseen(rate.name(), List.of(), used));
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

    private List<Restored.Counted> counted(long now, Tally tally) {
        List<Restored.Counted> counted = new ArrayList<>();
        for (Counters counters : limits) {
            if (counters.limit() instanceof Limit.Rate) {
                // The shared ones are shown at once.
                counters.get("");
                long used = counters.all().stream()
                        .mapToLong(meter -> meter.standing(now).used())
                        .max()
                        .orElse(0);
                if (used > 0) {
                    counted.add(tally.counted(counters.limit(), used));
                }
            }
        }
        return counted;
    }

    /** Of what the permits are that a new process counts. */
    private static final class Tally {
        private final Map<String, long[]> parts = new TreeMap<>();

        void add(SavedAccount.Counter counter, int reserved) {
            long[] sums = of(counter.limit());
            sums[0] += counter.arrivals().stream()
                    .mapToLong(SavedAccount.Arrived::permits)
                    .sum();
            sums[1] += counter.inFlight();
            sums[2] += reserved;
            sums[3]++;
        }

        void add(SavedAccount.Unseen unseen) {
            long[] sums = of(unseen.limit());
            if (sums[3] == 0) {
                sums[2] += unseen.reserve();
            }
        }

        private long[] of(String limit) {
            return parts.computeIfAbsent(limit, added -> new long[4]);
        }

        Restored.Counted counted(Limit limit, long used) {
            long[] sums = of(limit.name());
            return new Restored.Counted(limit.name(), limit.permits(), used, sums[0], sums[1], sums[2]);
        }
    }

    private static void reopen(long now, Gate gate, long closedFor) {
        if (closedFor > 0) {
            gate.close(now + closedFor);
        }
    }
}
