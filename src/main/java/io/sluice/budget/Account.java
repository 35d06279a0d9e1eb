package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.ClosedOperation;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.QueueState;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.Decision.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One account: what happens to a call from its demand to the end of its permit. How much may go is the {@link Meter}s'
 * business, whose turn it is the {@link FairQueue}'s.
 *
 * <p>Thread-safe: everything is guarded by this. Whatever happens ends in {@link #dispatch}, which grants all that may
 * go; the same call sets one alarm for the next moment at which something can happen by itself. Decisions are told
 * after the lock is let go, since whoever hears them may come back with the next demand.
 */
final class Account {
    private static final Duration LONGEST_ALARM = Duration.ofDays(1);
    private static final Duration UNKNOWN_WAIT = Duration.ofSeconds(10);
    private static final long SHORTEST_WAIT = 1_000_000;
    private static final long SWEEP_PERIOD = 10_000_000_000L;

    private record Told(Waiter waiter, Decision decision) {}

    private final String name;
    private final Ticker ticker;
    private final Timer timer;

    private final Map<String, Counters> limits = new LinkedHashMap<>(2);
    private final Map<String, Gate> operations = new TreeMap<>();
    private final Map<String, Team> teams = new TreeMap<>();
    private final Gate gate = new Gate();
    private final DelaySpread delays = new DelaySpread();
    private final FairQueue queue = new FairQueue(gate);
    private final @Nullable Saving saving;

    private boolean paused;
    private boolean draining;
    private boolean shadow;
    private long throttled;
    private long avoidable;
    private long held;
    private long demands;
    private long latest;

    private Timer.@Nullable Alarm alarm;
    private long alarmAt = Meter.NEVER;
    private long sweepAt = Meter.NEVER;

    Account(String name, Collection<Limit> limits, Ticker ticker, Timer timer, @Nullable Keeper keeper) {
        this.name = name;
        this.ticker = ticker;
        this.timer = timer;
        saving = keeper == null ? null : new Saving(this, name, keeper);
        for (Limit limit : limits) {
            if (this.limits.putIfAbsent(limit.name(), new Counters(limit, delays, keeper != null)) != null) {
                throw new IllegalArgumentException("account " + name + " has two limits named " + limit.name());
            }
        }
    }

    /** Takes over what was saved, and notes that from now on calls are granted. */
    void open() {
        if (saving != null) {
            saving.open();
        }
    }

    Ticket enqueue(Demand demand, Consumer<Decision> decided) {
        List<Told> told = new ArrayList<>(1);
        Waiter waiter;
        synchronized (this) {
            long now = now();
            waiter = waiter(now, demand, decided);
            admit(now, waiter, told);
        }
        tell(told);
        return waiter;
    }

    private Waiter waiter(long now, Demand demand, Consumer<Decision> decided) {
        List<Meter> meters = meters(demand.claims());
        Team team = teams.computeIfAbsent(demand.flow().team(), Team::new);
        Gate operation = operations.computeIfAbsent(demand.operation(), added -> new Gate());
        Line line = queue.branch(demand, operation).lineOf(team);
        if (sweepAt == Meter.NEVER) {
            sweepAt = now + SWEEP_PERIOD;
        }
        return new Waiter(this, demand, meters, line, demands++, now, decided);
    }

    private List<Meter> meters(List<Claim> claims) {
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
        Counters counters = limits.get(claim.limit());
        if (counters == null) {
            throw new IllegalArgumentException("account " + name + " has no limit " + claim.limit());
        }
        return counters.get(claim.variable());
    }

    private void admit(long now, Waiter waiter, List<Told> told) {
        if (draining) {
            refuse(waiter, Reason.DRAINING, UNKNOWN_WAIT, told);
            return;
        }
        queue.add(waiter);
        if (shadow) {
            held += queue.next(now) == waiter ? 0 : 1;
        }
        dispatch(now, told);
        if (!waiter.waiting) {
            return;
        }
        if (waiter.deadline <= now || (!paused && forecast(now, waiter) > waiter.deadline)) {
            refuseWaiting(now, waiter, paused ? Reason.PAUSED : Reason.DEADLINE, told);
        } else if (waiter.line.team.pending() > waiter.demand.flow().maxQueued()) {
            Waiter shed = waiter.urgent() ? waiter.line.team.newestBulk() : null;
            if (shed == null) {
                refuseWaiting(now, waiter, Reason.QUEUE_FULL, told);
            } else {
                refuseWaiting(now, shed, Reason.SHED, told);
            }
        }
    }

    boolean leave(Waiter waiter) {
        List<Told> told = new ArrayList<>(1);
        synchronized (this) {
            if (!waiter.waiting) {
                return false;
            }
            long now = now();
            takeOut(now, waiter);
            dispatch(now, told);
        }
        tell(told);
        return true;
    }

    synchronized boolean send(HeldPermit permit) {
        return permit.sendAt(now());
    }

    void answered(HeldPermit permit, Answer answer) {
        change(now -> {
            if (permit.end()) {
                settle(now, permit);
                hear(now, permit, answer.readings());
                if (answer.throttle().isPresent()) {
                    refused(now, permit, answer.throttle().get());
                } else {
                    delays.add(now - permit.sentAt());
                    proven(now, permit);
                }
                queue.recheck(now, permit.holder.meters);
            }
        });
    }

    void gaveUp(HeldPermit permit) {
        change(now -> {
            if (permit.end()) {
                settle(now, permit);
                proven(now, permit);
                queue.recheck(now, permit.holder.meters);
            }
        });
    }

    void giveBack(HeldPermit permit) {
        change(now -> {
            if (permit.endUnsent()) {
                Waiter waiter = permit.holder;
                waiter.line.team.inFlight--;
                waiter.line.team.served--;
                for (int claim = 0; claim < waiter.meters.size(); claim++) {
                    waiter.meters.get(claim).giveBack(waiter.permits(claim));
                }
                gates(waiter).forEach(each -> each.unsent(permit));
                queue.refund(waiter);
                queue.recheck(now, waiter.meters);
            }
        });
    }

    private void settle(long now, HeldPermit permit) {
        Waiter waiter = permit.holder;
        waiter.line.team.inFlight--;
        for (int claim = 0; claim < waiter.meters.size(); claim++) {
            waiter.meters.get(claim).settle(now, waiter.permits(claim));
        }
    }

    private static void hear(long now, HeldPermit permit, List<Answer.Reading> readings) {
        for (Answer.Reading reading : readings) {
            for (Meter meter : permit.holder.meters) {
                if (meter.limit.equals(reading.limit())) {
                    meter.hear(now, permit.sentAt(), reading);
                }
            }
        }
    }

    private void refused(long now, HeldPermit permit, Answer.Throttle throttle) {
        throttled++;
        Waiter waiter = permit.holder;
        List<Gate> closing = switch (throttle.scope()) {
            case OPERATION -> List.of(operation(waiter));
            case LIMITS -> waiter.meters.stream().map(meter -> meter.gate).toList();
            case ACCOUNT -> List.of(gate);
        };
        boolean news = false;
        for (Gate each : closing) {
            news |= each.refused(permit, now, throttle);
        }
        // It may have been the canary of a gate that stays open; that one has learned nothing.
        gates(waiter).forEach(each -> each.unsent(permit));
        List<Meter> suspects =
                waiter.meters.stream().filter(meter -> meter.mayBeOurFault(now)).toList();
        avoidable += suspects.isEmpty() ? 0 : 1;
        if (news) {
            suspects.forEach(meter -> meter.beMoreCareful(now));
        }
        changed(now);
    }

    private void proven(long now, HeldPermit permit) {
        boolean reopened = false;
        for (Gate each : gates(permit.holder)) {
            reopened |= each.proven(permit, now);
        }
        if (reopened) {
            permit.holder.meters.forEach(meter -> meter.goSlowly(now));
        }
    }

    private List<Gate> gates(Waiter waiter) {
        List<Gate> gates = new ArrayList<>(2 + waiter.meters.size());
        gates.add(gate);
        gates.add(operation(waiter));
        for (Meter meter : waiter.meters) {
            gates.add(meter.gate);
        }
        return gates;
    }

    private Gate operation(Waiter waiter) {
        return operations.computeIfAbsent(waiter.demand.operation(), added -> new Gate());
    }

    void pause() {
        change(now -> paused = true);
    }

    void resume() {
        change(now -> paused = false);
    }

    void shadow(boolean on) {
        change(now -> shadow = on);
    }

    void change(Limit limit) {
        change(now -> {
            Counters counters = limits.get(limit.name());
            if (counters == null || counters.limit().getClass() != limit.getClass()) {
                throw new IllegalArgumentException("account " + name + " has no such limit: " + limit);
            }
            counters.change(now, limit);
            queue.recheck(now, List.copyOf(counters.all()));
        });
    }

    void drain() {
        List<Told> told = new ArrayList<>();
        synchronized (this) {
            draining = true;
            long now = now();
            for (Waiter next = queue.nextDeadline(); next != null; next = queue.nextDeadline()) {
                takeOut(now, next);
                refuse(next, Reason.DRAINING, UNKNOWN_WAIT, told);
            }
        }
        tell(told);
        if (saving != null) {
            saving.close();
        }
    }

    /** Does something with the lock held, and then grants all that may go. */
    private void change(LongConsumer change) {
        List<Told> told = new ArrayList<>(1);
        synchronized (this) {
            long now = now();
            change.accept(now);
            dispatch(now, told);
        }
        tell(told);
    }

    private void wake() {
        change(now -> {
            alarm = null;
            alarmAt = Meter.NEVER;
            if (sweepAt <= now) {
                sweep(now);
            }
        });
        if (saving != null) {
            saving.saveIfDue();
        }
    }

    /** Notes that a saving is done, which may have made room. */
    void afterSaving(LongConsumer done) {
        change(done);
    }

    /** Whether that moment has come. Called with the lock held. */
    boolean due(long at) {
        return at <= now();
    }

    private void dispatch(long now, List<Told> told) {
        if (!paused) {
            for (Waiter next = next(now); next != null; next = next(now)) {
                queue.remove(next);
                grant(now, next, told);
                queue.recheck(now, next.meters);
            }
        }
        for (Waiter next = queue.nextDeadline(); next != null && next.deadline <= now; next = queue.nextDeadline()) {
            refuseWaiting(now, next, paused ? Reason.PAUSED : Reason.DEADLINE, told);
        }
        setAlarm(now);
    }

    private @Nullable Waiter next(long now) {
        return shadow ? queue.nextDeadline() : queue.next(now);
    }

    private void grant(long now, Waiter waiter, List<Told> told) {
        HeldPermit permit = new HeldPermit(waiter, now);
        queue.charge(waiter);
        waiter.line.team.served++;
        waiter.line.team.inFlight++;
        gate.pass(permit);
        operation(waiter).pass(permit);
        for (int claim = 0; claim < waiter.meters.size(); claim++) {
            Meter meter = waiter.meters.get(claim);
            meter.gate.pass(permit);
            meter.take(now, waiter.permits(claim));
        }
        changed(now);
        told.add(new Told(waiter, new Granted(permit, Duration.ofNanos(now - waiter.since))));
    }

    private void refuseWaiting(long now, Waiter waiter, Reason reason, List<Told> told) {
        Duration retryAfter = paused
                ? UNKNOWN_WAIT
                : Duration.ofNanos(Math.max(SHORTEST_WAIT, forecastWithAnswers(now, waiter) - now));
        takeOut(now, waiter);
        refuse(waiter, reason, retryAfter, told);
    }

    private static void refuse(Waiter waiter, Reason reason, Duration retryAfter, List<Told> told) {
        told.add(new Told(waiter, new Refused(reason, retryAfter)));
    }

    private void takeOut(long now, Waiter waiter) {
        queue.remove(waiter);
        queue.recheck(now, waiter.meters);
    }

    private static void tell(List<Told> told) {
        told.forEach(each -> each.waiter().tell(each.decision()));
    }

    /** When a call that came last will go at the earliest, whatever the answers of those under way. */
    private long forecast(long now, Waiter waiter) {
        long at = Math.max(now, Math.max(gate.closedUntil(), operation(waiter).closedUntil()));
        for (Meter meter : waiter.meters) {
            at = Math.max(at, meter.forecast(now, queue.costBefore(waiter, meter)));
        }
        return at;
    }

    private long forecastWithAnswers(long now, Waiter waiter) {
        long at = forecast(now, waiter);
        for (Meter meter : waiter.meters) {
            at = Math.max(at, meter.forecastWithAnswers(now, queue.costBefore(waiter, meter)));
        }
        return at;
    }

    private void changed(long now) {
        if (saving != null) {
            saving.changed(now);
        }
    }

    private void setAlarm(long now) {
        long next = Math.min(sweepAt, saving == null ? Meter.NEVER : saving.dueAt());
        Waiter deadline = queue.nextDeadline();
        if (deadline != null) {
            next = Math.min(next, deadline.deadline);
            next = paused ? next : Math.min(next, queue.wakeAt());
        }
        if (next >= alarmAt) {
            return;
        }
        if (alarm != null) {
            alarm.cancel();
        }
        alarmAt = next;
        alarm = timer.schedule(this::wake, Duration.ofNanos(Math.clamp(next - now, 0, LONGEST_ALARM.toNanos())));
    }

    private void sweep(long now) {
        boolean more = false;
        for (Counters counters : limits.values()) {
            counters.sweep(now);
            more |= counters.sweepable();
        }
        if (queue.isEmpty()) {
            queue.forget();
            operations.values().removeIf(Gate::idle);
        }
        more |= !queue.isEmpty() || !operations.isEmpty();
        sweepAt = more ? now + SWEEP_PERIOD : Meter.NEVER;
    }

    /** The present time, which never goes back even if the ticker does. */
    private long now() {
        latest = Math.max(latest, ticker.read());
        return latest;
    }

    /** What must outlive a restart now. Called with the lock held. */
    SavedAccount save(Instant at, boolean complete) {
        long now = now();
        Map<String, Long> closed = new TreeMap<>();
        operations.forEach((operation, each) -> {
            if (each.closedUntil() > now) {
                closed.put(operation, each.closedUntil() - now);
            }
        });
        return new SavedAccount(
                at,
                complete,
                Math.max(0, gate.closedUntil() - now),
                closed,
                rateMeters().stream()
                        .filter(meter -> !meter.idle(now))
                        .map(meter -> meter.save(now))
                        .toList());
    }

    /** Takes over what was saved {@code ago} nanoseconds ago. Called with the lock held. */
    void restore(long ago, SavedAccount account) {
        long now = now();
        for (Counters counters : limits.values()) {
            // A limit of which nothing was saved may have been used since.
            if (!account.complete() && counters.limit() instanceof Limit.Rate) {
                counters.get("");
            }
        }
        Map<Meter, SavedAccount.Counter> known = new HashMap<>();
        for (SavedAccount.Counter counter : account.counters()) {
            Counters counters = limits.get(counter.limit());
            if (counters != null && counters.limit() instanceof Limit.Rate) {
                known.put(counters.get(counter.variable()), counter);
            }
        }
        for (RateMeter meter : rateMeters()) {
            SavedAccount.Counter counter = known.getOrDefault(
                    meter, new SavedAccount.Counter(meter.limit, meter.variable, List.of(), 0, 0, 0));
            meter.restore(now, ago, counter, account.complete());
        }
        reopen(now, gate, account.closedForNanos() - ago);
        account.closedOperationsNanos()
                .forEach((operation, closedFor) ->
                        reopen(now, operations.computeIfAbsent(operation, added -> new Gate()), closedFor - ago));
    }

    private static void reopen(long now, Gate gate, long closedFor) {
        if (closedFor > 0) {
            gate.close(now + closedFor);
        }
    }

    List<RateMeter> rateMeters() {
        List<RateMeter> meters = new ArrayList<>();
        for (Counters counters : limits.values()) {
            for (Meter meter : counters.all()) {
                if (meter instanceof RateMeter rate) {
                    meters.add(rate);
                }
            }
        }
        return meters;
    }

    synchronized AccountState state() {
        long now = now();
        return new AccountState(
                name,
                paused,
                shadow,
                throttled,
                avoidable,
                held,
                Duration.ofNanos(delays.spread()),
                remaining(now, gate.closedUntil()),
                limits.values().stream().map(counters -> state(now, counters)).toList(),
                operations.entrySet().stream()
                        .filter(each -> each.getValue().closedUntil() > now)
                        .map(each -> new ClosedOperation(
                                each.getKey(), remaining(now, each.getValue().closedUntil())))
                        .toList(),
                teams.values().stream()
                        .map(team -> new QueueState(
                                team.name,
                                team.pending(),
                                team.inFlight,
                                remaining(team.oldestSince(now), now),
                                team.served))
                        .toList());
    }

    private static LimitState state(long now, Counters counters) {
        counters.sweep(now);
        long closedUntil = now;
        int permits = counters.limit().permits();
        Meter.Standing tightest = new Meter.Standing(permits, 0, 0, 0);
        for (Meter meter : counters.all()) {
            Meter.Standing standing = meter.standing(now);
            closedUntil = Math.max(closedUntil, meter.gate.closedUntil());
            if (standing.remaining() <= tightest.remaining()) {
                tightest = standing;
            }
        }
        return new LimitState(
                counters.limit(),
                Math.max(1, counters.all().size()),
                tightest.permits(),
                tightest.used(),
                tightest.remaining(),
                tightest.foreign(),
                Duration.ofNanos(tightest.margin()),
                remaining(now, closedUntil));
    }

    private static Duration remaining(long from, long to) {
        return Duration.ofNanos(Math.max(0, to - from));
    }
}
