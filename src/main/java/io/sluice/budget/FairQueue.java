package io.sluice.budget;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The fair queue of one account: the requests that wait for permits, and their order. Guarded by the account's lock.
 *
 * <p>Hierarchical start-time fair queueing. Each call has a start tag; a granted call pushes the tag of the next one on
 * by its cost divided by its team's weight; the smallest tag goes first; and the virtual time is the tag that was
 * granted last. A team that comes back from idle starts at the virtual time, so it cannot save up. Between teams that
 * wait, the difference of what they got for their weight stays below one call of each, however fast or slow the vendor
 * serves. There are two levels of tags, since teams compete for different things:
 *
 * <ul>
 *   <li>In an {@link OperationQueue}, all need the same limits. There each team has a {@link FlowQueue}, and the
 *     operation queue names the call whose turn it is. It does so even if that team has had much elsewhere; if not, a
 *     team that is busy everywhere would never get at a narrow limit beside one that only uses that.
 *   <li>Operation queues whose limits are free compete for those that they share. There the team counts, not the
 *     operation: a team does not get more by calling many operations.
 * </ul>
 *
 * An operation queue whose shared limits are not free holds no other back. A call that waits for a counter of its own
 * (a limit per user, say) is parked behind that and holds no other back either.
 *
 * <p>A retry or an interactive call starts with a lead of half a call at both levels. So it goes before others' bulk
 * within its team's fair share, and never beyond it.
 */
final class FairQueue {
    private static final long SCALE = 1L << 20;

    private final Cooldown account;
    private final Map<OperationQueue.Key, OperationQueue> operationQueues = new HashMap<>();
    private final PendingBatches batches = new PendingBatches();
    private NavigableSet<QueuedRequest> byDeadline = Collections.emptyNavigableSet();
    private NavigableSet<ParkedCalls> parked = Collections.emptyNavigableSet();
    private long virtualTime;
    private long parkings;
    /** True if parked calls have gone back to operation queues that may have been visited already. */
    private boolean released;

    private long wakeAt;

    FairQueue(Cooldown account) {
        this.account = account;
    }

    /** How far a granted call pushes its team's tag on. */
    static long share(QueuedRequest queued) {
        return Math.max(1, queued.cost * SCALE / queued.request.teamShare().weight());
    }

    /** By how much a call starts earlier than its team's tag. */
    static long lead(QueuedRequest queued) {
        return queued.urgent() ? SCALE / 2 / queued.request.teamShare().weight() : 0;
    }

    OperationQueue operationQueue(PermitRequest request, Cooldown operation) {
        List<String> limits = request.costs().size() == 1
                ? List.of(request.costs().getFirst().limit())
                : request.costs().stream().map(LimitCost::limit).sorted().toList();
        return operationQueues.computeIfAbsent(
                new OperationQueue.Key(request.operation(), limits), key -> new OperationQueue(operation));
    }

    void add(QueuedRequest queued) {
        TeamState team = queued.flowQueue.team;
        if (team.pending() == 0) {
            team.start = Math.max(team.start, virtualTime);
        }
        team.add(queued);
        if (byDeadline.isEmpty()) {
            byDeadline = new TreeSet<>(QueuedRequest::byDeadline);
        }
        byDeadline.add(queued);
        queued.flowQueue.operationQueue.expect(queued);
        queued.waiting = true;
        queued.queueUp(1);
        ParkedCalls before = parkedBefore(queued);
        if (before == null) {
            queued.flowQueue.operationQueue.add(queued);
        } else if (before.add(queued)) {
            recheck(queued.since, before.counter);
        }
    }

    /** Lets a call that was added share a permit with others that wait. */
    void share(QueuedRequest read, PermitRequest.Batch batch) {
        batches.join(read, batch);
    }

    /** When the first read of a queued read's batch goes, as far as was estimated when each came. */
    long batchGoesAt(QueuedRequest read) {
        return batches.goesAt(read);
    }

    /** Removes a call that is about to be granted; if it is one of a batch, that is under way from now on. */
    void removeGranted(QueuedRequest queued) {
        batches.depart(queued);
        remove(queued);
    }

    /** The parked calls of the same flow queue that {@code queued} must not overtake. */
    private static @Nullable ParkedCalls parkedBefore(QueuedRequest queued) {
        for (LimitCounter counter : queued.counters) {
            if (counter.parked != null && counter.parked.holdsBefore(queued)) {
                return counter.parked;
            }
        }
        return null;
    }

    /** Removes a call that leaves or is granted; {@link #recheck} of its counters must follow. */
    void remove(QueuedRequest queued) {
        queued.waiting = false;
        queued.flowQueue.team.remove(queued);
        byDeadline.remove(queued);
        queued.flowQueue.expect(queued, -1);
        queued.queueUp(-1);
        batches.leave(queued);
        if (queued.parkedOn == null) {
            queued.flowQueue.operationQueue.remove(queued);
        } else {
            queued.parkedOn.remove(queued);
        }
    }

    /** Charges a call that was removed to be granted. */
    void charge(QueuedRequest queued) {
        TeamState team = queued.flowQueue.team;
        long start = Math.max(team.start, virtualTime);
        virtualTime = Math.max(virtualTime, start - lead(queued));
        team.start = start + share(queued);
        queued.flowQueue.operationQueue.charge(queued);
    }

    /** Takes back the charge for a call that was never sent. */
    void refund(QueuedRequest queued) {
        queued.flowQueue.team.start -= share(queued);
        queued.flowQueue.operationQueue.refund(queued);
    }

    /**
     * Returns the call that may go now and is next in order, or null; then {@link #wakeAt} gives the time to ask again.
     */
    @Nullable
    QueuedRequest next(long now) {
        wakeAt = account.opensAt(now);
        if (wakeAt > now) {
            return null;
        }
        wake(now);
        QueuedRequest best;
        do {
            released = false;
            best = head(now);
        } while (released);
        if (!parked.isEmpty()) {
            wakeAt = Math.min(wakeAt, parked.first().wakeAt);
        }
        return best;
    }

    /** When the next call can go at the earliest, as far as known when {@link #next} found none. */
    long wakeAt() {
        return wakeAt;
    }

    /** The first of the operation queues' heads that may go now. */
    private @Nullable QueuedRequest head(long now) {
        wakeAt = LimitCounter.NEVER;
        QueuedRequest best = null;
        for (OperationQueue operationQueue : operationQueues.values()) {
            QueuedRequest head = unparkedHead(now, operationQueue);
            if (head == null) {
                continue;
            }
            long opensAt = operationQueue.opensAt(now, head);
            if (opensAt > now) {
                wakeAt = Math.min(wakeAt, opensAt);
            } else if (best == null || goesBefore(head, best)) {
                best = head;
            }
        }
        return best;
    }

    private boolean goesBefore(QueuedRequest one, QueuedRequest other) {
        long oneKey = Math.max(one.flowQueue.team.start, virtualTime) - lead(one);
        long otherKey = Math.max(other.flowQueue.team.start, virtualTime) - lead(other);
        return oneKey != otherKey ? oneKey < otherKey : one.order < other.order;
    }

    /**
     * The operation queue's next call that does not wait for a counter of its own; those that do are parked on the way.
     */
    private @Nullable QueuedRequest unparkedHead(long now, OperationQueue operationQueue) {
        while (true) {
            QueuedRequest head = operationQueue.head();
            if (head == null || !park(now, head)) {
                return head;
            }
        }
    }

    private boolean park(long now, QueuedRequest head) {
        for (int index = 0; index < head.counters.size(); index++) {
            LimitCounter counter = head.counters.get(index);
            if (!counter.shared()) {
                long freeAt = counter.freeAt(now, head.permits(index), head.allowance(index));
                if (freeAt > now) {
                    park(now, head, counter, freeAt);
                    return true;
                }
            }
        }
        return false;
    }

    private void park(long now, QueuedRequest head, LimitCounter full, long freeAt) {
        head.flowQueue.operationQueue.remove(head);
        ParkedCalls calls = full.parked == null ? new ParkedCalls(full, parkings++) : full.parked;
        full.parked = calls;
        calls.add(head);
        wakeAt(calls, Math.min(calls.wakeAt, freeAt));
        for (LimitCounter other : head.counters) {
            if (other != full) {
                // Others that need no permit of the full one may have let it pass there.
                recheck(now, other);
            }
        }
    }

    private void wake(long now) {
        while (!parked.isEmpty() && parked.first().wakeAt <= now) {
            recheck(now, parked.first().counter);
        }
    }

    /** Checks which parked calls may go on, after something has changed for their counters. */
    void recheck(long now, Collection<? extends LimitCounter> counters) {
        if (parked.isEmpty()) {
            return;
        }
        for (LimitCounter counter : counters) {
            recheck(now, counter);
        }
    }

    private void recheck(long now, LimitCounter counter) {
        ParkedCalls calls = counter.parked;
        if (calls == null) {
            return;
        }
        long freeAt = counter.freeAt(now, 1, calls.allowance());
        if (freeAt <= now) {
            calls.release();
            released = true;
        }
        if (calls.isEmpty()) {
            parked.remove(calls);
            counter.parked = null;
        } else {
            // Those that were not released are checked when one that was is granted or leaves.
            wakeAt(calls, freeAt <= now ? LimitCounter.NEVER : freeAt);
        }
    }

    private void wakeAt(ParkedCalls calls, long time) {
        if (parked.isEmpty()) {
            parked = new TreeSet<>(ParkedCalls::byWaking);
        }
        parked.remove(calls);
        calls.wakeAt = time;
        parked.add(calls);
    }

    /**
     * The permits of a counter that are granted before {@code newest}, which came last and needs it; of reads that go
     * along with another, none.
     */
    long costBefore(QueuedRequest newest, LimitCounter counter) {
        if (!counter.shared()) {
            return counter.wanted - counter.along - newest.ownCost();
        }
        Map<TeamState, Long> waits = new HashMap<>();
        long own = 0;
        for (Map.Entry<OperationQueue.Key, OperationQueue> entry : operationQueues.entrySet()) {
            if (entry.getKey().limits().contains(counter.limit)) {
                for (FlowQueue flowQueue : entry.getValue().flowQueues()) {
                    waits.merge(flowQueue.team, flowQueue.urgentPermits() + flowQueue.bulkPermits(), Long::sum);
                }
                FlowQueue ownQueue = entry.getValue().queueIfAny(newest.flowQueue.team);
                own += ownQueue == null
                        ? 0
                        : newest.urgent()
                                ? ownQueue.urgentPermits()
                                : ownQueue.urgentPermits() + ownQueue.bulkPermits();
            }
        }
        own -= newest.ownCost();
        long before = own;
        for (Map.Entry<TeamState, Long> other : waits.entrySet()) {
            if (other.getKey() != newest.flowQueue.team) {
                // Meanwhile another team gets no more than its weight allows, and no more than it asks for.
                long fair = Math.ceilDiv(
                        (own + newest.cost) * other.getKey().weight,
                        newest.request.teamShare().weight());
                before += Math.min(other.getValue(), fair);
            }
        }
        return before;
    }

    /**
     * About how many permits of a counter could be granted this moment to the calls that wait, if that could be saved.
     * Calls that another limit holds back are not among them.
     */
    long atOnce(long now, LimitCounter counter) {
        if (counter.wanted == 0) {
            return 0;
        }
        long own = Math.min(counter.wanted, counter.atOnce(now));
        if (!counter.shared() || own == 0) {
            return own;
        }
        long all = 0;
        for (Map.Entry<OperationQueue.Key, OperationQueue> entry : operationQueues.entrySet()) {
            if (entry.getKey().limits().contains(counter.limit)) {
                all += entry.getValue().atOnce(now);
            }
        }
        return Math.min(own, all);
    }

    /** The call with the next deadline, or null. */
    @Nullable
    QueuedRequest nextDeadline() {
        return byDeadline.isEmpty() ? null : byDeadline.first();
    }

    boolean isEmpty() {
        return byDeadline.isEmpty();
    }
}
