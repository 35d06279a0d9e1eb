package io.sluice.budget;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one operation that count against the same limits, shared between teams by start-time fair queueing.
 * Guarded by the account's lock.
 */
final class OperationQueue {
    /** The identity of an operation queue: calls with the same key are in the same one. */
    record Key(String operation, List<String> limits) {}

    private final Cooldown operation;
    /** The flow queues by rank. Those of which all calls are parked, or that are empty, are not in it. */
    private final TreeSet<FlowQueue> ready = new TreeSet<>(FlowQueue::byKey);

    private final Map<TeamState, FlowQueue> flowQueues = new HashMap<>();
    private long virtualTime;

    OperationQueue(Cooldown operation) {
        this.operation = operation;
    }

    FlowQueue queueOf(TeamState team) {
        return flowQueues.computeIfAbsent(team, added -> new FlowQueue(this, added, flowQueues.size()));
    }

    Collection<FlowQueue> flowQueues() {
        return flowQueues.values();
    }

    @Nullable
    FlowQueue queueIfAny(TeamState team) {
        return flowQueues.get(team);
    }

    /** Records that a call waits, here or parked. A flow queue that comes back from idle starts at the present. */
    void expect(QueuedRequest queued) {
        FlowQueue flowQueue = queued.flowQueue;
        if (flowQueue.isIdle()) {
            flowQueue.start = Math.max(flowQueue.start, virtualTime);
        }
        flowQueue.expect(queued, 1);
    }

    void add(QueuedRequest queued) {
        ready.remove(queued.flowQueue);
        queued.flowQueue.add(queued);
        place(queued.flowQueue);
    }

    void remove(QueuedRequest queued) {
        ready.remove(queued.flowQueue);
        queued.flowQueue.remove(queued);
        place(queued.flowQueue);
    }

    /**
     * Charges a granted call, which is removed already, to its flow queue; a flow queue whose calls were parked has
     * saved nothing up.
     */
    void charge(QueuedRequest queued) {
        FlowQueue flowQueue = queued.flowQueue;
        flowQueue.age(queued);
        long start = Math.max(flowQueue.start, virtualTime);
        virtualTime = Math.max(virtualTime, start - FairQueue.lead(queued));
        move(flowQueue, start + FairQueue.share(queued));
    }

    /** Takes back the charge for a call that was never sent. */
    void refund(QueuedRequest queued) {
        move(queued.flowQueue, queued.flowQueue.start - FairQueue.share(queued));
    }

    private void move(FlowQueue flowQueue, long start) {
        ready.remove(flowQueue);
        flowQueue.start = start;
        place(flowQueue);
    }

    private void place(FlowQueue flowQueue) {
        QueuedRequest head = flowQueue.head();
        if (head != null) {
            flowQueue.key = flowQueue.start - FairQueue.lead(head);
            ready.add(flowQueue);
        }
    }

    /** The call that is next in order, or null. */
    @Nullable
    QueuedRequest head() {
        return ready.isEmpty() ? null : ready.first().head();
    }

    /** About how many permits could be granted this moment, as far as limits go that the whole account shares. */
    long atOnce(long now) {
        QueuedRequest head = head();
        if (head == null || operation.opensAt(now) > now) {
            return 0;
        }
        long least = 0;
        for (FlowQueue flowQueue : flowQueues.values()) {
            least += flowQueue.urgentCost + flowQueue.bulkCost;
        }
        for (LimitCounter counter : head.counters) {
            if (counter.shared()) {
                least = Math.min(least, counter.atOnce(now));
            }
        }
        return least;
    }

    /** When the limits that the whole account shares let {@code head} pass. */
    long opensAt(long now, QueuedRequest head) {
        long at = operation.opensAt(now);
        for (int index = 0; index < head.counters.size() && at <= now; index++) {
            LimitCounter counter = head.counters.get(index);
            if (counter.shared()) {
                at = counter.freeAt(now, head.permits(index), head.allowance(index));
            }
        }
        return at;
    }
}
