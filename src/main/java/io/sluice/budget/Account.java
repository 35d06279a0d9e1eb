package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One account's budget: admits requests, grants permits in fair order, and settles them. The counting is done by the
 * {@link Ledger}, the order by the {@link FairQueue}.
 *
 * <p>Thread-safe: everything is guarded by this. Every event ends in {@link #dispatch}, which grants all that may go
 * and sets one alarm for the next moment at which something can happen by itself. Decisions are delivered after the
 * lock is released, since a callback may come back with the next request.
 */
final class Account {
    private static final Duration LONGEST_ALARM = Duration.ofDays(1);
    private static final Duration UNKNOWN_WAIT = Duration.ofSeconds(10);
    private static final long STALLED_ALARM = 1_000_000;
    private static final long SHORTEST_WAIT = 1_000_000;
    private static final long SWEEP_PERIOD = 10_000_000_000L;

    private record DecisionNotice(QueuedRequest queued, Decision decision) {}

    final String name;
    final Ledger ledger;
    final Map<String, TeamState> teams = new TreeMap<>();
    /** Replaced by a new one when idle: an account without waiting calls should cost little. */
    private FairQueue queue;

    private final Ticker ticker;
    private final Timer timer;
    private final @Nullable Checkpointer checkpointer;

    boolean paused;
    boolean shadow;
    /** True if only one team may use it. */
    private boolean unshared;
    /** How many calls passed in shadow only. */
    long wouldHaveWaited;

    private boolean draining;
    private long requests;
    private long latest;

    private Timer.@Nullable Alarm alarm;
    private long alarmAt = LimitCounter.NEVER;
    private long sweepAt = LimitCounter.NEVER;
    private long wokenAt = -1;
    /** True if time stands still from one alarm to the next, since the ticker was set back. */
    private boolean stalled;

    Account(String name, Collection<Limit> limits, Ticker ticker, Timer timer, @Nullable CheckpointContext context) {
        this.name = name;
        this.ticker = ticker;
        this.timer = timer;
        checkpointer = context == null ? null : new Checkpointer(this, context);
        ledger = new Ledger(name, limits, checkpointer == null ? null : checkpointer.schedule);
        queue = new FairQueue(ledger.cooldown);
    }

    /** Restores what was saved, and begins a checkpoint before anything is granted. */
    void open() {
        if (checkpointer != null) {
            checkpointer.open();
        }
    }

    Ticket enqueue(PermitRequest request, Consumer<Decision> decided) {
        List<DecisionNotice> notices = new ArrayList<>(1);
        QueuedRequest queued;
        synchronized (this) {
            long now = now();
            queued = queuedRequest(now, request, decided);
            admit(now, queued, notices);
        }
        deliver(notices);
        return queued;
    }

    private QueuedRequest queuedRequest(long now, PermitRequest request, Consumer<Decision> decided) {
        List<LimitCounter> counters = ledger.counters(request.costs());
        TeamState team = teams.computeIfAbsent(request.teamShare().team(), TeamState::new);
        FlowQueue flowQueue = queue.operationQueue(request, ledger.operation(request.operation()))
                .queueOf(team);
        if (sweepAt == LimitCounter.NEVER) {
            sweepAt = now + SWEEP_PERIOD;
        }
        return new QueuedRequest(this, request, counters, flowQueue, requests++, now, decided);
    }

    private void admit(long now, QueuedRequest queued, List<DecisionNotice> notices) {
        if (draining) {
            refuse(queued, Reason.DRAINING, UNKNOWN_WAIT, notices);
            return;
        }
        if (!paused) {
            queued.promise(now, unshared);
        }
        queue.add(queued);
        queued.request
                .batch()
                .filter(batch -> ledger.operation(batch.operation()).closedUntil() <= now)
                .ifPresent(batch -> queue.share(queued, batch));
        if (paused && queued.counters.isEmpty() && ledger.opensAt(queued.request.operation()) <= now) {
            // A pause stops permits; a call that costs none, such as one for the vendor's public keys, passes.
            queue.removeGranted(queued);
            grant(now, queued, notices);
            return;
        }
        if (shadow) {
            wouldHaveWaited += queue.next(now) == queued ? 0 : 1;
        }
        dispatch(now, notices);
        if (queued.waiting && refusesOne(now, queued, notices)) {
            dispatch(now, notices);
        }
    }

    /** Denies a call that came last and has to wait, or another in its place; returns false if it may stay. */
    private boolean refusesOne(long now, QueuedRequest queued, List<DecisionNotice> notices) {
        if (queued.deadline <= now || (!paused && startsTooLate(now, queued))) {
            refuseWaiting(now, queued, tooLate(queued), notices);
            return true;
        }
        if (queued.flowQueue.team.pending() <= queued.request.teamShare().maxQueued()) {
            return false;
        }
        QueuedRequest shed = queued.urgent() ? queued.flowQueue.team.newestBulk() : null;
        if (shed == null) {
            refuseWaiting(now, queued, Reason.QUEUE_FULL, notices);
        } else {
            refuseWaiting(now, shed, Reason.SHED, notices);
        }
        return true;
    }

    boolean leave(QueuedRequest queued) {
        List<DecisionNotice> notices = new ArrayList<>(1);
        synchronized (this) {
            if (!queued.waiting) {
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
                permit.holder.flowQueue.team.inFlight--;
                boolean settledOthers = ledger.complete(now, permit, answer);
                queue.recheck(now, settledOthers ? ledger.all() : permit.holder.counters);
                changed(now);
            }
        });
    }

    void abandon(HeldPermit permit) {
        change(now -> {
            if (permit.end()) {
                permit.holder.flowQueue.team.inFlight--;
                ledger.abandon(now, permit);
                queue.recheck(now, permit.holder.counters);
                changed(now);
            }
        });
    }

    void release(HeldPermit permit) {
        change(now -> {
            if (permit.endUnsent()) {
                permit.holder.flowQueue.team.inFlight--;
                permit.holder.flowQueue.team.served--;
                ledger.release(permit);
                queue.refund(permit.holder);
                queue.recheck(now, permit.holder.counters);
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
    AccountSnapshot beginCheckpoint(long now, AccountSnapshot.Moment moment) {
        return ledger.beginCheckpoint(now, moment, counter -> queue.atOnce(now, counter));
    }

    /**
     * Checks again which calls may go, after something has changed for all counters with a reserve. With the lock held.
     */
    void recheckRates(long now) {
        queue.recheck(now, ledger.rateCounters());
    }

    /** Runs a change with the lock held, and then grants all that may go. */
    void change(LongConsumer change) {
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
            alarm = null;
            alarmAt = LimitCounter.NEVER;
            stalled = now == wokenAt;
            wokenAt = now;
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
                queue.recheck(now, next.counters);
            }
        }
    }

    private boolean refuseOverdue(long now, List<DecisionNotice> notices) {
        boolean any = false;
        for (QueuedRequest next = queue.nextDeadline();
                next != null && next.deadline <= now;
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
                queued.counters.stream().anyMatch(counter -> counter instanceof RateCounter rate && rate.isStopped());
        return stopped ? Reason.UNSAVED : Reason.DEADLINE;
    }

    private @Nullable QueuedRequest next(long now) {
        return shadow ? queue.nextDeadline() : queue.next(now);
    }

    private void grant(long now, QueuedRequest queued, List<DecisionNotice> notices) {
        HeldPermit permit = new HeldPermit(queued, now);
        queue.charge(queued);
        ledger.take(now, permit, shadow);
        queued.flowQueue.team.served++;
        queued.flowQueue.team.inFlight++;
        changed(now);
        notices.add(new DecisionNotice(queued, new Granted(permit, Duration.ofNanos(now - queued.since))));
    }

    private void refuseWaiting(long now, QueuedRequest queued, Reason reason, List<DecisionNotice> notices) {
        Duration retryAfter = paused
                ? UNKNOWN_WAIT
                : Duration.ofNanos(Math.max(SHORTEST_WAIT, forecastWithAnswers(now, queued) - now));
        Denied refused = new Denied(reason, retryAfter, paused ? Optional.empty() : bottleneck(now, queued));
        takeOut(now, queued);
        notices.add(new DecisionNotice(queued, refused));
    }

    /** The limit for which a call waits longest. */
    private Optional<Decision.Bottleneck> bottleneck(long now, QueuedRequest queued) {
        LimitCounter narrowest = null;
        long latest = now;
        for (LimitCounter counter : queued.counters) {
            long at = counter.forecastWithAnswers(now, queue.costBefore(queued, counter), queued.allowance(counter));
            if (at > latest) {
                latest = at;
                narrowest = counter;
            }
        }
        return narrowest == null
                ? Optional.empty()
                : Optional.of(new Decision.Bottleneck(narrowest.limit, queue.costBefore(queued, narrowest)));
    }

    private static void refuse(QueuedRequest queued, Reason reason, Duration retryAfter, List<DecisionNotice> notices) {
        notices.add(new DecisionNotice(queued, new Denied(reason, retryAfter)));
    }

    private void takeOut(long now, QueuedRequest queued) {
        queue.remove(queued);
        queue.recheck(now, queued.counters);
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

    /**
     * True if a call that came last goes after its deadline even if every response to those before it comes at once.
     */
    private boolean startsTooLate(long now, QueuedRequest queued) {
        if (queued.request.batch().isPresent()) {
            // Kept for the reads that come to share its permit.
            queued.expectedAt = forecastAlone(now, queued);
            return forecast(now, queued) > queued.deadline;
        }
        // Most calls are in time even if all others go first; only for the rest are the calls before them counted.
        return forecast(now, queued, counter -> counter.wanted - queued.cost) > queued.deadline
                && forecastAlone(now, queued) > queued.deadline;
    }

    /** When a call that came last goes, if every response to those before it comes at once. */
    private long forecast(long now, QueuedRequest queued) {
        long alone = forecastAlone(now, queued);
        return queued.goesAlong()
                // The others were estimated when they came, and time may have shown more since.
                ? Math.min(alone, Math.max(queue.batchGoesAt(queued), forecast(now, queued, counter -> 0)))
                : alone;
    }

    /** The same by a permit of its own, even if it could share one. */
    private long forecastAlone(long now, QueuedRequest queued) {
        return forecast(now, queued, counter -> queue.costBefore(queued, counter));
    }

    private long forecast(long now, QueuedRequest queued, ToLongFunction<LimitCounter> ahead) {
        long at = Math.max(now, ledger.opensAt(queued.request.operation()));
        for (LimitCounter counter : queued.counters) {
            at = Math.max(at, counter.forecast(now, ahead.applyAsLong(counter), queued.allowance(counter)));
        }
        return at;
    }

    /** When a call that came last goes, if responses come at their recent pace. */
    private long forecastWithAnswers(long now, QueuedRequest queued) {
        long at = forecast(now, queued);
        for (LimitCounter counter : queued.counters) {
            at = Math.max(
                    at, counter.forecastWithAnswers(now, queue.costBefore(queued, counter), queued.allowance(counter)));
        }
        return at;
    }

    private void changed(long now) {
        if (checkpointer != null) {
            checkpointer.changed(now);
        }
    }

    private void setAlarm(long now) {
        long next = Math.min(sweepAt, checkpointer == null ? LimitCounter.NEVER : checkpointer.nextAt());
        QueuedRequest deadline = queue.nextDeadline();
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
        long delay = Math.clamp(next - now, stalled ? STALLED_ALARM : 0, LONGEST_ALARM.toNanos());
        alarm = timer.schedule(this::wake, Duration.ofNanos(delay));
    }

    private void sweep(long now) {
        boolean more = ledger.sweep(now);
        if (queue.isEmpty()) {
            queue = new FairQueue(ledger.cooldown);
            teams.values().forEach(TeamState::rest);
            ledger.rest(now);
        }
        sweepAt = more || !ledger.operations.isEmpty() || !queue.isEmpty() ? now + SWEEP_PERIOD : LimitCounter.NEVER;
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
