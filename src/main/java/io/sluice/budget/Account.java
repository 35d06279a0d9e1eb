package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.queue.FairQueue;
import io.sluice.budget.queue.QueuedRequest;
import io.sluice.budget.queue.TeamState;
import io.sluice.budget.window.CheckpointSchedule;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.RateCounter;
import io.sluice.budget.window.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One account's budget: admits requests, grants permits in fair order, and settles them. The counting is done by the
 * {@link Ledger}, the order by the {@link FairQueue}.
 *
 * <p>Thread-safe: everything is guarded by this. Every event ends in {@link #dispatch}, which grants all that may go
 * and sets one alarm for the next moment at which something can happen by itself. Decisions are delivered after the
 * lock is released, since a callback may come back with the next request.
 */
final class Account implements Checkpointed {
    private static final Duration UNKNOWN_WAIT = Duration.ofSeconds(10);
    private static final long SHORTEST_WAIT = 1_000_000;
    private static final long SWEEP_PERIOD = 10_000_000_000L;

    private record DecisionNotice(PendingRequest queued, Decision decision) {}

    private final String name;
    private final Ledger ledger;
    private final LedgerSnapshots snapshots;
    private final Map<String, TeamState> teams = new TreeMap<>();
    private final FairQueue queue;
    private final Forecast forecast;
    private final Alarm alarm;
    private final Ticker ticker;
    private final @Nullable Checkpointer checkpointer;
    private final Predicate<PendingRequest> leave = this::leave;

    private boolean paused;
    private boolean shadow;
    /** True if only one team may use it. */
    private boolean unshared;
    /** How many calls passed in shadow only. */
    private long wouldHaveWaited;

    private boolean draining;
    private long requests;
    private long latest;

    private long sweepAt = Times.NEVER;

    Account(String name, Collection<Limit> limits, Ticker ticker, Timer timer, @Nullable CheckpointContext context) {
        this.name = name;
        this.ticker = ticker;
        checkpointer = context == null ? null : new Checkpointer(this, context);
        CheckpointSchedule schedule = checkpointer == null ? null : checkpointer.schedule;
        ledger = new Ledger(name, limits, schedule);
        snapshots = new LedgerSnapshots(ledger, schedule);
        queue = new FairQueue(ledger.cooldown);
        forecast = new Forecast(ledger, queue);
        alarm = new Alarm(timer, this::wake);
    }

    /** Restores what was saved, and begins a checkpoint before anything is granted. */
    void open() {
        if (checkpointer != null) {
            checkpointer.open();
        }
    }

    Ticket enqueue(PermitRequest request, Consumer<Decision> decided) {
        List<DecisionNotice> notices = new ArrayList<>(1);
        PendingRequest queued;
        synchronized (this) {
            long now = now();
            queued = queuedRequest(now, request, decided);
            admit(now, queued, notices);
        }
        deliver(notices);
        return queued;
    }

    private PendingRequest queuedRequest(long now, PermitRequest request, Consumer<Decision> decided) {
        List<LimitCounter> counters = ledger.counters(request.costs());
        TeamState team = teams.computeIfAbsent(request.teamShare().team(), TeamState::new);
        if (sweepAt == Times.NEVER) {
            sweepAt = now + SWEEP_PERIOD;
        }
        return new PendingRequest(request, team, counters, requests++, now, decided, leave);
    }

    private void admit(long now, PendingRequest queued, List<DecisionNotice> notices) {
        if (draining) {
            refuse(queued, Reason.DRAINING, UNKNOWN_WAIT, notices);
            return;
        }
        if (!paused) {
            queued.promise(now, unshared);
        }
        queue.add(queued, ledger.operation(queued.operation()));
        queued.batch()
                .filter(batch -> ledger.operation(batch.operation()).closedUntil() <= now)
                .ifPresent(batch -> queue.share(queued, batch.group(), batch.most()));
        if (paused && queued.counters().isEmpty() && ledger.opensAt(queued.operation()) <= now) {
            // A pause stops permits; a call that costs none, such as one for the vendor's public keys, passes.
            queue.removeGranted(queued);
            grant(now, queued, notices);
            return;
        }
        if (shadow) {
            wouldHaveWaited += queue.next(now) == queued ? 0 : 1;
        }
        dispatch(now, notices);
        if (queued.isWaiting() && refusesOne(now, queued, notices)) {
            dispatch(now, notices);
        }
    }

    /** Denies a call that came last and has to wait, or another in its place; returns false if it may stay. */
    private boolean refusesOne(long now, PendingRequest queued, List<DecisionNotice> notices) {
        if (queued.deadline() <= now || (!paused && forecast.startsTooLate(now, queued))) {
            refuseWaiting(now, queued, tooLate(queued), notices);
            return true;
        }
        if (queued.team().pending() <= queued.maxQueued()) {
            return false;
        }
        QueuedRequest shed = queued.urgent() ? queued.team().newestBulk() : null;
        if (shed == null) {
            refuseWaiting(now, queued, Reason.QUEUE_FULL, notices);
        } else {
            refuseWaiting(now, shed, Reason.SHED, notices);
        }
        return true;
    }

    private boolean leave(PendingRequest queued) {
        List<DecisionNotice> notices = new ArrayList<>(1);
        synchronized (this) {
            if (!queued.isWaiting()) {
                return false;
            }
            long now = now();
            takeOut(now, queued);
            dispatch(now, notices);
        }
        deliver(notices);
        return true;
    }

    synchronized boolean send(HeldPermit permit) {
        return permit.sendAt(now());
    }

    boolean reassign(HeldPermit permit, String operation) {
        List<DecisionNotice> notices = new ArrayList<>(1);
        boolean used;
        synchronized (this) {
            long now = now();
            used = permit.held() && ledger.reassign(now, permit, operation);
            // It may have been the probe that other calls waited for.
            dispatch(now, notices);
        }
        deliver(notices);
        return used;
    }

    void complete(HeldPermit permit, LimitFeedback answer) {
        change(now -> {
            if (permit.end()) {
                permit.holder.team().ended();
                boolean settledOthers = ledger.complete(now, permit, answer);
                queue.recheck(now, settledOthers ? ledger.all() : permit.counters());
                changed(now);
            }
        });
    }

    void abandon(HeldPermit permit) {
        change(now -> {
            if (permit.end()) {
                permit.holder.team().ended();
                ledger.abandon(now, permit);
                queue.recheck(now, permit.counters());
                changed(now);
            }
        });
    }

    void release(HeldPermit permit) {
        change(now -> {
            if (permit.endUnsent()) {
                permit.holder.team().released();
                ledger.release(permit);
                queue.refund(permit.holder);
                queue.recheck(now, permit.counters());
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

    void resumeBursts(String limit) {
        change(now -> {
            queue.recheck(now, ledger.resumeBursts(limit));
            changed(now);
        });
    }

    synchronized void unshared(boolean only) {
        unshared = only;
    }

    void change(Limit limit) {
        change(now -> queue.recheck(now, ledger.change(now, limit)));
    }

    void restoreLimit(String limit) {
        change(now -> queue.recheck(now, ledger.restore(now, limit)));
    }

    void reset(String limit) {
        change(now -> {
            queue.recheck(now, ledger.reset(now, limit));
            changed(now);
        });
    }

    void setExternalUse(String limit, int permits, int foreign) {
        change(now -> queue.recheck(now, ledger.setExternalUse(limit, permits, foreign)));
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
        List<DecisionNotice> notices = new ArrayList<>();
        synchronized (this) {
            draining = true;
            long now = now();
            for (QueuedRequest next = queue.nextDeadline(); next != null; next = queue.nextDeadline()) {
                takeOut(now, next);
                refuse(next, Reason.DRAINING, UNKNOWN_WAIT, notices);
            }
        }
        if (checkpointer != null) {
            checkpointer.close();
        }
        deliver(notices);
    }

    /** Begins a checkpoint. Called with the lock held. */
    @Override
    public AccountSnapshot beginCheckpoint(long now, AccountSnapshot.Moment moment) {
        return snapshots.begin(now, moment, counter -> queue.atOnce(now, counter));
    }

    /**
     * Checks again which calls may go, after something has changed for all counters with a reserve. With the lock held.
     */
    @Override
    public void recheckRates(long now) {
        queue.recheck(now, ledger.rateCounters());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public AccountSnapshot saveAtEnd(AccountSnapshot.Moment moment) {
        return snapshots.atEnd(now(), moment);
    }

    @Override
    public void endCheckpoint(long now, boolean written) {
        ledger.endCheckpoint(now, written);
    }

    @Override
    public List<RestoreReport.LimitUse> restore(long lockedAt, long ago, AccountSnapshot saved) {
        return snapshots.restore(now(), lockedAt, ago, saved);
    }

    @Override
    public List<RestoreReport.LimitUse> countAllAsUsed(long lockedAt) {
        return snapshots.lost(now(), lockedAt);
    }

    /** Runs a change with the lock held, and then grants all that may go. */
    @Override
    public void change(LongConsumer change) {
        List<DecisionNotice> notices = new ArrayList<>(1);
        synchronized (this) {
            long now = now();
            change.accept(now);
            dispatch(now, notices);
        }
        deliver(notices);
    }

    private void wake() {
        if (checkpointer != null) {
            checkpointer.saveIfDue();
        }
        change(now -> {
            alarm.wentOff(now);
            if (sweepAt <= now) {
                sweep(now);
            }
        });
    }

    private void dispatch(long now, List<DecisionNotice> notices) {
        do {
            grantAll(now, notices);
            // A call that leaves may have stood before others that need less.
        } while (refuseOverdue(now, notices));
        setAlarm(now);
    }

    private void grantAll(long now, List<DecisionNotice> notices) {
        if (!paused) {
            for (QueuedRequest next = next(now); next != null; next = next(now)) {
                queue.removeGranted(next);
                grant(now, next, notices);
                queue.recheck(now, next.counters());
            }
        }
    }

    private boolean refuseOverdue(long now, List<DecisionNotice> notices) {
        boolean any = false;
        for (QueuedRequest next = queue.nextDeadline();
                next != null && next.deadline() <= now;
                next = queue.nextDeadline()) {
            refuseWaiting(now, next, tooLate(next), notices);
            any = true;
        }
        return any;
    }

    private Reason tooLate(QueuedRequest queued) {
        if (paused) {
            return Reason.PAUSED;
        }
        boolean stopped =
                queued.counters().stream().anyMatch(counter -> counter instanceof RateCounter rate && rate.isStopped());
        return stopped ? Reason.UNSAVED : Reason.DEADLINE;
    }

    private @Nullable QueuedRequest next(long now) {
        return shadow ? queue.nextDeadline() : queue.next(now);
    }

    private void grant(long now, QueuedRequest queued, List<DecisionNotice> notices) {
        HeldPermit permit = new HeldPermit(this, queued, now);
        queue.charge(queued);
        ledger.take(now, permit, shadow);
        queued.team().granted();
        changed(now);
        notices.add(notice(queued, new Granted(permit, Duration.ofNanos(now - queued.since()))));
    }

    private void refuseWaiting(long now, QueuedRequest queued, Reason reason, List<DecisionNotice> notices) {
        Duration retryAfter =
                paused ? UNKNOWN_WAIT : Duration.ofNanos(Math.max(SHORTEST_WAIT, forecast.at(now, queued) - now));
        Denied refused = new Denied(reason, retryAfter, paused ? Optional.empty() : forecast.bottleneck(now, queued));
        takeOut(now, queued);
        notices.add(notice(queued, refused));
    }

    /** Only this account adds to its queue, and nothing but its pending requests. */
    private static DecisionNotice notice(QueuedRequest queued, Decision decision) {
        return new DecisionNotice((PendingRequest) queued, decision);
    }

    private static void refuse(QueuedRequest queued, Reason reason, Duration retryAfter, List<DecisionNotice> notices) {
        notices.add(notice(queued, new Denied(reason, retryAfter)));
    }

    private void takeOut(long now, QueuedRequest queued) {
        queue.remove(queued);
        queue.recheck(now, queued.counters());
    }

    /** Delivers all decisions, even if a callback fails. */
    private static void deliver(List<DecisionNotice> notices) {
        RuntimeException failure = null;
        for (DecisionNotice each : notices) {
            try {
                each.queued().deliver(each.decision());
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

    private void changed(long now) {
        if (checkpointer != null) {
            checkpointer.changed(now);
        }
    }

    private void setAlarm(long now) {
        long next = Math.min(sweepAt, checkpointer == null ? Times.NEVER : checkpointer.nextAt());
        QueuedRequest deadline = queue.nextDeadline();
        if (deadline != null) {
            next = Math.min(next, deadline.deadline());
            next = paused ? next : Math.min(next, queue.wakeAt());
        }
        alarm.setFor(now, next);
    }

    private void sweep(long now) {
        boolean more = ledger.sweep(now);
        if (queue.isEmpty()) {
            queue.rest();
            teams.values().forEach(TeamState::rest);
            ledger.rest(now);
        }
        sweepAt = more || !ledger.operations.isEmpty() || !queue.isEmpty() ? now + SWEEP_PERIOD : Times.NEVER;
    }

    /** The present time, which never goes back even if the ticker does. Called with the lock held. */
    @Override
    public long now() {
        latest = Math.max(latest, ticker.read());
        return latest;
    }

    synchronized AccountState state() {
        return AccountView.of(
                now(), name, new AccountView.Modes(paused, shadow, wouldHaveWaited), ledger, teams.values());
    }
}
