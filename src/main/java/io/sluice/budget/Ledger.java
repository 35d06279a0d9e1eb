package io.sluice.budget;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;
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
    private final PriorityQueue<HeldPermit> givenUp = new PriorityQueue<>(Comparator.comparingLong(HeldPermit::sentAt));

    /** When the call was sent that was sent last of those answered. */
    private long latestAnswered = Long.MIN_VALUE;

    private final Map<ThrottleCause, Long> throttled = new EnumMap<>(ThrottleCause.class);

    private final String account;

    Ledger(String account, Collection<Limit> limits, boolean saved) {
        this.account = account;
        this.limits =
                limits.stream().map(limit -> new Counters(limit, delays, saved)).toList();
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

    /** Follows what is taken outside, and returns the counters that this concerns. */
    Collection<Meter> occupy(String limit, int permits) {
        Counters counters = counters(limit);
        if (counters == null || !(counters.get("") instanceof FlightMeter flights)) {
            throw new IllegalArgumentException("account " + account + " has no limit in flight of the name " + limit);
        }
        flights.occupy(permits);
        return counters.all();
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

    /** What must outlive a restart. */
    SavedAccount save(long now, SavedAccount.Moment moment) {
        Map<String, Long> closed = new TreeMap<>();
        operations.forEach((operation, each) -> {
            if (each.closedUntil() > now) {
                closed.put(operation, each.closedUntil() - now);
            }
        });
        return new SavedAccount(
                moment.at(),
                moment.complete(),
                Math.max(0, gate.closedUntil() - now),
                closed,
                meters().filter(meter -> meter.worthSaving(now))
                        .map(meter -> meter.save(now))
                        .toList(),
                limits.stream()
                        .filter(counters -> !counters.bursts().isUntaught())
                        .collect(Collectors.toMap(
                                counters -> counters.limit().name(),
                                counters -> counters.bursts().save(now))));
    }

    /** Takes over what was saved {@code ago} nanoseconds ago. */
    void restore(long now, long ago, SavedAccount saved) {
        saved.bursts().forEach((limit, taught) -> {
            Counters counters = counters(limit);
            if (counters != null) {
                counters.bursts().restore(now, ago, taught);
            }
        });
        for (SavedAccount.Counter counter : saved.counters()) {
            Counters counters = counters(counter.limit());
            if (counters != null) {
                counters.get(counter.variable()).restore(now, ago, counter, saved.complete());
            }
        }
        if (!saved.complete()) {
            // A counter of which nothing was saved may have been used since. The shared ones are shown at once.
            limits.forEach(counters -> counters.restartedAfterCrash(now));
            limits.forEach(counters -> counters.get(""));
        }
        reopen(now, gate, saved.closedForNanos() - ago);
        saved.closedOperationsNanos()
                .forEach((operation, closedFor) -> reopen(now, operation(operation), closedFor - ago));
    }

    private static void reopen(long now, Gate gate, long closedFor) {
        if (closedFor > 0) {
            gate.close(now + closedFor);
        }
    }
}
