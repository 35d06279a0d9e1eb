package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.ClosedOperation;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.QueueState;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.Decision.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One account: its limits, its meters, and who waits. First come, first served among calls that need the same limits.
 * Thread-safe: everything is guarded by this, and decisions are told after the lock is let go.
 */
final class Account {
    private static final Duration LONGEST_ALARM = Duration.ofDays(1);

    private record Key(String limit, String variable) {}

    private record Told(Waiter waiter, Decision decision) {}

    private static final class Team {
        int pending;
        int inFlight;
        long served;
    }

    private final String name;
    private final Ticker ticker;
    private final Timer timer;

    private final Map<String, Limit> limits = new LinkedHashMap<>();
    private final Map<Key, Meter> meters = new HashMap<>();
    private final Map<String, Long> closedOperations = new TreeMap<>();
    private final Map<String, Team> teams = new TreeMap<>();
    private final TreeSet<Waiter> queue = new TreeSet<>(Comparator.comparingLong((Waiter waiter) -> waiter.turn));
    private long closedUntil = Long.MIN_VALUE;
    private boolean paused;
    private boolean draining;
    private boolean shadow;
    private long throttled;
    private long held;
    private long turns;
    private Timer.@Nullable Alarm alarm;
    private long alarmAt = Meter.NEVER;

    Account(String name, Collection<Limit> limits, Ticker ticker, Timer timer) {
        this.name = name;
        this.ticker = ticker;
        this.timer = timer;
        for (Limit limit : limits) {
            if (this.limits.putIfAbsent(limit.name(), limit) != null) {
                throw new IllegalArgumentException("account " + name + " has two limits named " + limit.name());
            }
        }
    }

    Ticket enqueue(Demand demand, Consumer<Decision> decided) {
        List<Told> told = new ArrayList<>(1);
        Waiter waiter;
        synchronized (this) {
            long now = ticker.read();
            List<Meter> claimed = metersFor(demand);
            long turn = demand.turn().isPresent() && demand.turn().get() instanceof HeldPermit.KeptTurn kept
                    ? kept.order()
                    : ++turns;
            long deadline = now + Math.min(demand.patience().toNanos(), Meter.NEVER - now);
            waiter = new Waiter(this, demand, claimed, now, deadline, turn, decided);
            admit(now, waiter, told);
        }
        tell(told);
        return waiter;
    }

    private void admit(long now, Waiter waiter, List<Told> told) {
        Team team = team(waiter);
        if (draining) {
            refuse(waiter, Reason.DRAINING, Duration.ofSeconds(1), told);
            return;
        }
        long start = freeAt(now, waiter);
        if (shadow) {
            held += start > now ? 1 : 0;
            grant(now, waiter, told);
            return;
        }
        queue.add(waiter);
        team.pending++;
        dispatch(now, told);
        if (!waiter.waiting) {
            return;
        }
        if (start > waiter.deadline && start != Meter.NEVER) {
            remove(waiter);
            refuse(waiter, paused ? Reason.PAUSED : Reason.DEADLINE, wait(now, start), told);
        } else if (team.pending > waiter.demand.flow().maxQueued()) {
            remove(waiter);
            refuse(waiter, Reason.QUEUE_FULL, wait(now, start), told);
        }
    }

    boolean leave(Waiter waiter) {
        List<Told> told = new ArrayList<>();
        boolean left;
        synchronized (this) {
            left = waiter.waiting && remove(waiter);
            if (left) {
                dispatch(ticker.read(), told);
            }
        }
        tell(told);
        return left;
    }

    void settle(HeldPermit permit, Answer answer) {
        change(now -> {
            if (permit.end()) {
                Waiter waiter = permit.waiter;
                team(waiter).inFlight--;
                for (int i = 0; i < waiter.meters.size(); i++) {
                    waiter.meters
                            .get(i)
                            .settle(now, waiter.demand.claims().get(i).permits());
                }
                answer.throttle().ifPresent(throttle -> close(now, waiter, throttle));
            }
        });
    }

    private void close(long now, Waiter waiter, Answer.Throttle throttle) {
        throttled++;
        long until = now + throttle.retryAfter().orElse(throttle.backoff()).toNanos();
        switch (throttle.scope()) {
            case OPERATION -> closedOperations.merge(waiter.demand.operation(), until, Math::max);
            case LIMITS -> waiter.meters.forEach(meter -> meter.closeUntil(until));
            case ACCOUNT -> closedUntil = Math.max(closedUntil, until);
        }
    }

    void giveBack(HeldPermit permit) {
        change(now -> {
            if (permit.endUnsent()) {
                Waiter waiter = permit.waiter;
                Team team = team(waiter);
                team.inFlight--;
                team.served--;
                for (int i = 0; i < waiter.meters.size(); i++) {
                    waiter.meters
                            .get(i)
                            .giveBack(now, waiter.demand.claims().get(i).permits());
                }
            }
        });
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
        Limit old = limits.get(limit.name());
        if (old == null || old.getClass() != limit.getClass()) {
            throw new IllegalArgumentException("account " + name + " has no such limit: " + limit);
        }
        change(now -> {
            limits.put(limit.name(), limit);
            meters.forEach((key, meter) -> {
                if (key.limit().equals(limit.name())) {
                    meter.change(limit);
                }
            });
        });
    }

    void drain() {
        List<Told> told = new ArrayList<>();
        synchronized (this) {
            draining = true;
            for (Waiter waiter : List.copyOf(queue)) {
                remove(waiter);
                refuse(waiter, Reason.DRAINING, Duration.ofSeconds(1), told);
            }
        }
        tell(told);
    }

    private interface Change {
        void at(long now);
    }

    private void change(Change change) {
        List<Told> told = new ArrayList<>();
        synchronized (this) {
            long now = ticker.read();
            change.at(now);
            dispatch(now, told);
        }
        tell(told);
    }

    private void wake() {
        List<Told> told = new ArrayList<>();
        synchronized (this) {
            alarm = null;
            alarmAt = Meter.NEVER;
            dispatch(ticker.read(), told);
        }
        tell(told);
    }

    /** Grants what may go now, oldest first, and refuses what has waited too long. */
    private void dispatch(long now, List<Told> told) {
        Set<Meter> passedOver = new HashSet<>();
        for (Waiter waiter : List.copyOf(queue)) {
            long start = freeAt(now, waiter);
            boolean first = waiter.meters.stream().noneMatch(passedOver::contains);
            if (shadow || (start <= now && first)) {
                remove(waiter);
                grant(now, waiter, told);
            } else if (waiter.deadline <= now) {
                remove(waiter);
                refuse(waiter, paused ? Reason.PAUSED : Reason.DEADLINE, wait(now, start), told);
            } else {
                // Whoever needs a free limit may go on; whoever needs the one that this call waits for stands behind.
                for (int i = 0; i < waiter.meters.size(); i++) {
                    Meter meter = waiter.meters.get(i);
                    if (meter.freeAt(now, waiter.demand.claims().get(i).permits()) > now) {
                        passedOver.add(meter);
                    }
                }
            }
        }
        if (queue.isEmpty()) {
            forgetIdle(now);
        }
        setAlarm(now);
    }

    private void forgetIdle(long now) {
        meters.values().removeIf(meter -> meter.idle(now));
        closedOperations.values().removeIf(until -> until <= now);
    }

    private void setAlarm(long now) {
        long next = Meter.NEVER;
        for (Waiter waiter : queue) {
            next = Math.min(next, Math.min(waiter.deadline, freeAt(now, waiter)));
        }
        if (next >= alarmAt) {
            return;
        }
        if (alarm != null) {
            alarm.cancel();
        }
        alarmAt = next;
        Duration delay = PacedBudget.duration(next - now);
        alarm = timer.schedule(this::wake, delay.compareTo(LONGEST_ALARM) < 0 ? delay : LONGEST_ALARM);
    }

    private long freeAt(long now, Waiter waiter) {
        long at = Math.max(now, closedUntil);
        at = Math.max(at, closedOperations.getOrDefault(waiter.demand.operation(), now));
        for (int i = 0; i < waiter.meters.size(); i++) {
            at = Math.max(
                    at,
                    waiter.meters
                            .get(i)
                            .freeAt(now, waiter.demand.claims().get(i).permits()));
        }
        return paused ? Meter.NEVER : at;
    }

    private void grant(long now, Waiter waiter, List<Told> told) {
        waiter.waiting = false;
        Team team = team(waiter);
        team.served++;
        team.inFlight++;
        for (int i = 0; i < waiter.meters.size(); i++) {
            waiter.meters.get(i).take(now, waiter.demand.claims().get(i).permits());
        }
        told.add(new Told(waiter, new Granted(new HeldPermit(waiter), PacedBudget.duration(now - waiter.since))));
    }

    private static void refuse(Waiter waiter, Reason reason, Duration retryAfter, List<Told> told) {
        waiter.waiting = false;
        told.add(new Told(waiter, new Refused(reason, retryAfter)));
    }

    private boolean remove(Waiter waiter) {
        waiter.waiting = false;
        team(waiter).pending--;
        return queue.remove(waiter);
    }

    private static Duration wait(long now, long start) {
        return start == Meter.NEVER ? Duration.ofSeconds(1) : Duration.ofNanos(Math.max(1_000_000, start - now));
    }

    private static void tell(List<Told> told) {
        told.forEach(each -> each.waiter().tell(each.decision()));
    }

    private Team team(Waiter waiter) {
        return teams.computeIfAbsent(waiter.demand.flow().team(), team -> new Team());
    }

    private List<Meter> metersFor(Demand demand) {
        return demand.claims().stream()
                .map(claim -> meters.computeIfAbsent(new Key(claim.limit(), claim.variable()), this::newMeter))
                .toList();
    }

    private Meter newMeter(Key key) {
        Limit limit = limits.get(key.limit());
        return switch (limit) {
            case Limit.Rate rate -> new RateMeter(rate);
            case Limit.InFlight inFlight -> new FlightMeter(inFlight);
            case null -> throw new IllegalArgumentException("account " + name + " has no limit " + key.limit());
        };
    }

    synchronized AccountState state() {
        long now = ticker.read();
        if (queue.isEmpty()) {
            forgetIdle(now);
        }
        return new AccountState(
                name,
                paused,
                shadow,
                throttled,
                0,
                held,
                Duration.ZERO,
                PacedBudget.duration(Math.max(closedUntil, now) - now),
                limits.values().stream().map(limit -> state(now, limit)).toList(),
                closedOperations.entrySet().stream()
                        .filter(closed -> closed.getValue() > now)
                        .map(closed ->
                                new ClosedOperation(closed.getKey(), PacedBudget.duration(closed.getValue() - now)))
                        .toList(),
                teams.entrySet().stream()
                        .map(entry -> state(now, entry.getKey(), entry.getValue()))
                        .toList());
    }

    private LimitState state(long now, Limit limit) {
        List<Meter> alive = meters.entrySet().stream()
                .filter(entry -> entry.getKey().limit().equals(limit.name()))
                .map(Map.Entry::getValue)
                .toList();
        long used = alive.stream().mapToLong(meter -> meter.used(now)).max().orElse(0);
        long closed = alive.stream().mapToLong(Meter::closedUntil).max().orElse(now);
        return new LimitState(
                limit,
                Math.max(1, alive.size()),
                limit.permits(),
                used,
                Math.max(0, limit.permits() - used),
                0,
                Duration.ZERO,
                PacedBudget.duration(Math.max(closed, now) - now));
    }

    private QueueState state(long now, String team, Team counts) {
        Optional<Waiter> oldest = queue.stream()
                .filter(waiter -> waiter.demand.flow().team().equals(team))
                .min(Comparator.comparingLong(waiter -> waiter.since));
        return new QueueState(
                team,
                counts.pending,
                counts.inFlight,
                oldest.map(waiter -> PacedBudget.duration(now - waiter.since)).orElse(Duration.ZERO),
                counts.served);
    }
}
