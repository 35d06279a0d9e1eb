package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.Decision.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One account: what happens to a call from its demand to the end of its permit. How much may go is the
 * {@link Ledger}'s business, whose turn it is the {@link FairQueue}'s.
 *
 * <p>Thread-safe: everything is guarded by this. Whatever happens ends in {@link #dispatch}, which grants all that may
 * go and sets one alarm for the next moment at which something can happen by itself. Decisions are told after the lock
 * is let go, since whoever hears them may come back with the next demand.
 */
final class Account {
    private static final Duration LONGEST_ALARM = Duration.ofDays(1);
    private static final Duration UNKNOWN_WAIT = Duration.ofSeconds(10);
    private static final long STALLED_ALARM = 1_000_000;
    private static final long SHORTEST_WAIT = 1_000_000;
    private static final long SWEEP_PERIOD = 10_000_000_000L;

    private record Told(Waiter waiter, Decision decision) {}

    final String name;
    final Ledger ledger;
    final Map<String, Team> teams = new TreeMap<>();
    /** Made anew after a rest: an account that nobody waits for should cost little. */
    private FairQueue queue;

    private final Ticker ticker;
    private final Timer timer;
    private final @Nullable Saving saving;

    boolean paused;
    boolean shadow;
    /** How many calls passed in shadow only. */
    long held;

    private boolean draining;
    private long demands;
    private long latest;

    private Timer.@Nullable Alarm alarm;
    private long alarmAt = Meter.NEVER;
    private long sweepAt = Meter.NEVER;
    private long wokenAt = -1;
    /** Whether time stands still from one alarm to the next, since the ticker was set back. */
    private boolean stalled;

    Account(String name, Collection<Limit> limits, Ticker ticker, Timer timer, @Nullable Keeper keeper) {
        this.name = name;
        this.ticker = ticker;
        this.timer = timer;
        ledger = new Ledger(name, limits, keeper != null);
        queue = new FairQueue(ledger.gate);
        saving = keeper == null ? null : new Saving(this, keeper);
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
        List<Meter> meters = ledger.meters(demand.claims());
        Team team = teams.computeIfAbsent(demand.flow().team(), Team::new);
        Line line = queue.branch(demand, ledger.operation(demand.operation())).lineOf(team);
        if (sweepAt == Meter.NEVER) {
            sweepAt = now + SWEEP_PERIOD;
        }
        return new Waiter(this, demand, meters, line, demands++, now, decided);
    }

    private void admit(long now, Waiter waiter, List<Told> told) {
        if (draining) {
            refuse(waiter, Reason.DRAINING, UNKNOWN_WAIT, told);
            return;
        }
        queue.add(waiter);
        if (paused && waiter.meters.isEmpty() && ledger.opensAt(waiter.demand.operation()) <= now) {
            // A pause saves permits; what costs none, such as a call for the vendor's public keys, is let through.
            queue.remove(waiter);
            grant(now, waiter, told);
            return;
        }
        if (shadow) {
            held += queue.next(now) == waiter ? 0 : 1;
        }
        dispatch(now, told);
        if (waiter.waiting && refusesOne(now, waiter, told)) {
            dispatch(now, told);
        }
    }

    /** Refuses a call that came last and has to wait, or another in its stead; false if it may stay. */
    private boolean refusesOne(long now, Waiter waiter, List<Told> told) {
        if (waiter.deadline <= now || (!paused && startsTooLate(now, waiter))) {
            refuseWaiting(now, waiter, paused ? Reason.PAUSED : Reason.DEADLINE, told);
            return true;
        }
        if (waiter.line.team.pending() <= waiter.demand.flow().maxQueued()) {
            return false;
        }
        Waiter shed = waiter.urgent() ? waiter.line.team.newestBulk() : null;
        if (shed == null) {
            refuseWaiting(now, waiter, Reason.QUEUE_FULL, told);
        } else {
            refuseWaiting(now, shed, Reason.SHED, told);
        }
        return true;
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

    boolean useFor(HeldPermit permit, String operation) {
        List<Told> told = new ArrayList<>(1);
        boolean used;
        synchronized (this) {
            long now = now();
            used = permit.held() && ledger.useFor(now, permit, operation);
            // It may have been the canary that others waited for.
            dispatch(now, told);
        }
        tell(told);
        return used;
    }

    void answered(HeldPermit permit, Answer answer) {
        change(now -> {
            if (permit.end()) {
                permit.holder.line.team.inFlight--;
                ledger.answered(now, permit, answer);
                queue.recheck(now, permit.holder.meters);
                changed(now);
            }
        });
    }

    void gaveUp(HeldPermit permit) {
        change(now -> {
            if (permit.end()) {
                permit.holder.line.team.inFlight--;
                ledger.gaveUp(now, permit);
                queue.recheck(now, permit.holder.meters);
                changed(now);
            }
        });
    }

    void giveBack(HeldPermit permit) {
        change(now -> {
            if (permit.endUnsent()) {
                permit.holder.line.team.inFlight--;
                permit.holder.line.team.served--;
                ledger.giveBack(permit);
                queue.refund(permit.holder);
                queue.recheck(now, permit.holder.meters);
                changed(now);
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
        change(now -> queue.recheck(now, ledger.change(now, limit)));
    }

    void occupy(String limit, int permits, int foreign) {
        change(now -> queue.recheck(now, ledger.occupy(limit, permits, foreign)));
    }

    synchronized Budget.Inquiry inquire(String limit) {
        return ledger.inquire(limit);
    }

    void report(Budget.Inquiry inquiry, Budget.Report report) {
        change(now -> {
            queue.recheck(now, ledger.report(now, inquiry, report));
            changed(now);
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
        if (saving != null) {
            saving.close();
        }
        tell(told);
    }

    /** Notes that what was taken when it was last saved would survive a crash. Called with the lock held. */
    void saved(long now) {
        List<RateMeter> meters = ledger.rateMeters();
        meters.forEach(RateMeter::endSaving);
        queue.recheck(now, meters);
    }

    /** Does something with the lock held, and then grants all that may go. */
    void change(LongConsumer change) {
        List<Told> told = new ArrayList<>(1);
        synchronized (this) {
            long now = now();
            change.accept(now);
            dispatch(now, told);
        }
        tell(told);
    }

    private void wake() {
        if (saving != null) {
            saving.saveIfDue();
        }
        change(now -> {
            alarm = null;
            alarmAt = Meter.NEVER;
            stalled = now == wokenAt;
            wokenAt = now;
            if (sweepAt <= now) {
                sweep(now);
            }
        });
    }

    private void dispatch(long now, List<Told> told) {
        do {
            grantAll(now, told);
            // One that leaves may have stood before others that need less.
        } while (refuseOverdue(now, told));
        setAlarm(now);
    }

    private void grantAll(long now, List<Told> told) {
        if (!holdsBack()) {
            for (Waiter next = next(now); next != null; next = next(now)) {
                queue.remove(next);
                grant(now, next, told);
                queue.recheck(now, next.meters);
            }
        }
    }

    private boolean holdsBack() {
        return paused || (saving != null && !saving.begun() && !shadow);
    }

    private boolean refuseOverdue(long now, List<Told> told) {
        boolean any = false;
        for (Waiter next = queue.nextDeadline(); next != null && next.deadline <= now; next = queue.nextDeadline()) {
            refuseWaiting(now, next, paused ? Reason.PAUSED : Reason.DEADLINE, told);
            any = true;
        }
        return any;
    }

    private @Nullable Waiter next(long now) {
        return shadow ? queue.nextDeadline() : queue.next(now);
    }

    private void grant(long now, Waiter waiter, List<Told> told) {
        HeldPermit permit = new HeldPermit(waiter, now);
        queue.charge(waiter);
        ledger.take(now, permit);
        waiter.line.team.served++;
        waiter.line.team.inFlight++;
        changed(now);
        told.add(new Told(waiter, new Granted(permit, Duration.ofNanos(now - waiter.since))));
    }

    private void refuseWaiting(long now, Waiter waiter, Reason reason, List<Told> told) {
        Duration retryAfter = paused
                ? UNKNOWN_WAIT
                : Duration.ofNanos(Math.max(SHORTEST_WAIT, forecastWithAnswers(now, waiter) - now));
        Refused refused = new Refused(reason, retryAfter, paused ? Optional.empty() : bottleneck(now, waiter));
        takeOut(now, waiter);
        told.add(new Told(waiter, refused));
    }

    /** The limit for which a call waits longest. */
    private Optional<Decision.Bottleneck> bottleneck(long now, Waiter waiter) {
        Meter narrowest = null;
        long latest = now;
        for (Meter meter : waiter.meters) {
            long at = meter.forecastWithAnswers(now, queue.costBefore(waiter, meter));
            if (at > latest) {
                latest = at;
                narrowest = meter;
            }
        }
        return narrowest == null
                ? Optional.empty()
                : Optional.of(new Decision.Bottleneck(narrowest.limit, queue.costBefore(waiter, narrowest)));
    }

    private static void refuse(Waiter waiter, Reason reason, Duration retryAfter, List<Told> told) {
        told.add(new Told(waiter, new Refused(reason, retryAfter)));
    }

    private void takeOut(long now, Waiter waiter) {
        queue.remove(waiter);
        queue.recheck(now, waiter.meters);
    }

    /** Tells all, even if one of those who hear it fails. */
    private static void tell(List<Told> told) {
        RuntimeException failure = null;
        for (Told each : told) {
            try {
                each.waiter().tell(each.decision());
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Whether a call that came last goes after its deadline, should every answer to those before it come at once. */
    private boolean startsTooLate(long now, Waiter waiter) {
        long latest = Math.max(now, ledger.opensAt(waiter.demand.operation()));
        for (Meter meter : waiter.meters) {
            latest = Math.max(latest, meter.forecast(now, meter.wanted - waiter.cost));
        }
        // Most calls are in time even if all others go first; only for the rest is it counted who does.
        return latest > waiter.deadline && forecast(now, waiter) > waiter.deadline;
    }

    /** When a call that came last goes, should every answer to those before it come at once. */
    private long forecast(long now, Waiter waiter) {
        long at = Math.max(now, ledger.opensAt(waiter.demand.operation()));
        for (Meter meter : waiter.meters) {
            at = Math.max(at, meter.forecast(now, queue.costBefore(waiter, meter)));
        }
        return at;
    }

    /** When a call that came last goes, should answers come as they lately did. */
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
            next = holdsBack() ? next : Math.min(next, queue.wakeAt());
        }
        if (next >= alarmAt) {
            return;
        }
        if (alarm != null) {
            alarm.cancel();
        }
        alarmAt = next;
        long delay = Math.clamp(next - now, stalled ? STALLED_ALARM : 0, LONGEST_ALARM.toNanos());
        alarm = timer.schedule(this::wake, Duration.ofNanos(delay));
    }

    private void sweep(long now) {
        boolean more = ledger.sweep(now);
        if (queue.isEmpty()) {
            queue = new FairQueue(ledger.gate);
            teams.values().forEach(Team::rest);
            ledger.rest(now);
        }
        sweepAt = more || !ledger.operations.isEmpty() || !queue.isEmpty() ? now + SWEEP_PERIOD : Meter.NEVER;
    }

    /** The present time, which never goes back even if the ticker does. Called with the lock held. */
    long now() {
        latest = Math.max(latest, ticker.read());
        return latest;
    }

    synchronized AccountState state() {
        return AccountView.of(this, now());
    }
}
