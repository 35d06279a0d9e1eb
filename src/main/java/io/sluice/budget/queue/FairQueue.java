package io.sluice.budget.queue;

import io.sluice.budget.queue.OperationQueue.FlowQueue;
import io.sluice.budget.window.Cooldown;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.Times;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
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
 *   <li>In an {@link OperationQueue}, all need the same limits. There each team has a queue of its own, and the
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
public final class FairQueue {
    private final Cooldown account;
    private final PendingBatches batches = new PendingBatches();
    private Map<OperationQueue.Key, OperationQueue> operationQueues = Map.of();
    private NavigableSet<QueuedRequest> byDeadline = Collections.emptyNavigableSet();
    /** The calls that wait behind a counter of a limit per variable, by that; few limits have such. */
    private Map<LimitCounter, ParkedCalls> parkedBehind = Map.of();

    private NavigableSet<ParkedCalls> parked = Collections.emptyNavigableSet();
    private long virtualTime;
    private long parkings;
    /** True if parked calls have gone back to operation queues that may have been visited already. */
    private boolean released;

    private long wakeAt;

    /**
     * The queue of an account, without calls.
     *
     * @param account what holds all of its calls back
     */
    public FairQueue(Cooldown account) {
        this.account = account;
    }

    /**
     * Adds a call.
     *
     * @param operation what holds all calls of its operation back
     */
    public void add(QueuedRequest queued, Cooldown operation) {
        if (operationQueues.isEmpty()) {
            operationQueues = new HashMap<>();
        }
        operationQueues
                .computeIfAbsent(OperationQueue.Key.of(queued), key -> new OperationQueue(operation))
                .enter(queued);
        TeamState team = queued.team;
        if (team.pending() == 0) {
            team.start = StartTimeTags.start(team.start, virtualTime);
        }
        team.add(queued);
        if (byDeadline.isEmpty()) {
            byDeadline = new TreeSet<>(QueuedRequest::byDeadline);
        }
        byDeadline.add(queued);
        OperationQueue operationQueue = queued.flowQueue().operationQueue;
        operationQueue.expect(queued);
        queued.waiting = true;
        queued.queueUp(1);
        ParkedCalls before = parkedBefore(queued);
        if (before == null) {
            operationQueue.add(queued);
        } else if (before.add(queued)) {
            recheck(queued.since, before.counter);
        }
    }

    /**
     * Lets a call that was added share a permit with others that wait.
     *
     * @param group equal for calls that can go together
     * @param most how many calls one permit serves
     */
    public void share(QueuedRequest read, String group, int most) {
        batches.join(read, group, most);
    }

    /** True if the call may share a permit with others. */
    public boolean isShared(QueuedRequest queued) {
        return batches.has(queued);
    }

    /** When the first read of a queued read's batch goes, as far as was estimated when each came. */
    public long batchGoesAt(QueuedRequest read) {
        return batches.goesAt(read);
    }

    /** Removes a call that is about to be granted; if it is one of a batch, that is under way from now on. */
    public void removeGranted(QueuedRequest queued) {
        batches.depart(queued);
        remove(queued);
    }

    /** The parked calls of the same flow queue that {@code queued} must not overtake. */
    private @Nullable ParkedCalls parkedBefore(QueuedRequest queued) {
        if (parkedBehind.isEmpty()) {
            return null;
        }
        for (LimitCounter counter : queued.counters) {
            ParkedCalls calls = parkedBehind.get(counter);
            if (calls != null && calls.holdsBefore(queued)) {
                return calls;
            }
        }
        return null;
    }

    /** Removes a call that leaves or is granted; {@link #recheck} of its counters must follow. */
    public void remove(QueuedRequest queued) {
        queued.waiting = false;
        queued.team.remove(queued);
        byDeadline.remove(queued);
        queued.flowQueue().expect(queued, -1);
        queued.queueUp(-1);
        batches.leave(queued);
        ParkedCalls calls = queued.parkedBehind == null ? null : parkedBehind.get(queued.parkedBehind);
        if (calls == null) {
            queued.flowQueue().operationQueue.remove(queued);
        } else {
            calls.remove(queued);
        }
    }

    /** Charges a call that was removed to be granted. */
    public void charge(QueuedRequest queued) {
        TeamState team = queued.team;
        long start = StartTimeTags.start(team.start, virtualTime);
        virtualTime = Math.max(virtualTime, start - queued.lead());
        team.start = start + queued.share();
        queued.flowQueue().operationQueue.charge(queued);
    }

    /** Takes back the charge for a call that was never sent. */
    public void refund(QueuedRequest queued) {
        queued.team.start -= queued.share();
        queued.flowQueue().operationQueue.refund(queued);
    }

    /**
     * Returns the call that may go now and is next in order, or null; then {@link #wakeAt} gives the time to ask again.
     */
    public @Nullable QueuedRequest next(long now) {
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
    public long wakeAt() {
        return wakeAt;
    }

    /** The first of the operation queues' heads that may go now. */
    private @Nullable QueuedRequest head(long now) {
        wakeAt = Times.NEVER;
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
        long oneKey = StartTimeTags.start(one.team.start, virtualTime) - one.lead();
        long otherKey = StartTimeTags.start(other.team.start, virtualTime) - other.lead();
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
        head.flowQueue().operationQueue.remove(head);
        if (parkedBehind.isEmpty()) {
            parkedBehind = new HashMap<>();
        }
        ParkedCalls calls = parkedBehind.computeIfAbsent(full, added -> new ParkedCalls(added, parkings++));
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
    public void recheck(long now, Collection<? extends LimitCounter> counters) {
        if (parked.isEmpty()) {
            return;
        }
        for (LimitCounter counter : counters) {
            recheck(now, counter);
        }
    }

    private void recheck(long now, LimitCounter counter) {
        ParkedCalls calls = parkedBehind.get(counter);
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
            parkedBehind.remove(counter);
        } else {
            // Those that were not released are checked when one that was is granted or leaves.
            wakeAt(calls, freeAt <= now ? Times.NEVER : freeAt);
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
    public long costBefore(QueuedRequest newest, LimitCounter counter) {
        if (!counter.shared()) {
            return counter.wanted() - counter.along() - newest.ownCost();
        }
        Map<TeamState, Long> waits = new HashMap<>();
        long own = 0;
        for (Map.Entry<OperationQueue.Key, OperationQueue> entry : operationQueues.entrySet()) {
            if (entry.getKey().limits().contains(counter.limit())) {
                for (FlowQueue flowQueue : entry.getValue().flowQueues()) {
                    waits.merge(flowQueue.team, flowQueue.urgentPermits() + flowQueue.bulkPermits(), Long::sum);
                }
                FlowQueue ownQueue = entry.getValue().queueIfAny(newest.team);
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
            if (other.getKey() != newest.team) {
                // Meanwhile another team gets no more than its weight allows, and no more than it asks for.
                long fair = Math.ceilDiv((own + newest.cost) * other.getKey().weight, newest.weight());
                before += Math.min(other.getValue(), fair);
            }
        }
        return before;
    }

    /**
     * About how many permits of a counter could be granted this moment to the calls that wait, if that could be saved.
     * Calls that another limit holds back are not among them.
     */
    public long atOnce(long now, LimitCounter counter) {
        if (counter.wanted() == 0) {
            return 0;
        }
        long own = Math.min(counter.wanted(), counter.atOnce(now));
        if (!counter.shared() || own == 0) {
            return own;
        }
        long all = 0;
        for (Map.Entry<OperationQueue.Key, OperationQueue> entry : operationQueues.entrySet()) {
            if (entry.getKey().limits().contains(counter.limit())) {
                all += entry.getValue().atOnce(now);
            }
        }
        return Math.min(own, all);
    }

    /** The call with the next deadline, or null. */
    public @Nullable QueuedRequest nextDeadline() {
        return byDeadline.isEmpty() ? null : byDeadline.first();
    }

    /** True if no call waits. */
    public boolean isEmpty() {
        return byDeadline.isEmpty();
    }

    /** Drops what it holds without a waiting call, start tags among it: an idle account should cost little. */
    public void rest() {
        operationQueues = Map.of();
        byDeadline = Collections.emptyNavigableSet();
        parkedBehind = Map.of();
        parked = Collections.emptyNavigableSet();
        virtualTime = 0;
    }
}
