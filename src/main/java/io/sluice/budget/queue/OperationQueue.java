package io.sluice.budget.queue;

import io.sluice.budget.window.Cooldown;
import io.sluice.budget.window.LimitCounter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one operation that count against the same limits, shared between teams by start-time fair queueing.
 * Guarded by the account's lock.
 */
final class OperationQueue {
    /** The identity of an operation queue: calls with the same key are in the same one. */
    record Key(String operation, List<String> limits) {
        static Key of(QueuedRequest queued) {
            List<LimitCounter> counters = queued.counters;
            return new Key(
                    queued.operation(),
                    counters.size() == 1
                            ? List.of(counters.getFirst().limit())
                            : counters.stream()
                                    .map(LimitCounter::limit)
                                    .sorted()
                                    .toList());
        }
    }

    private final Cooldown operation;
    /** The flow queues by rank. Those of which all calls are parked, or that are empty, are not in it. */
    private final TreeSet<FlowQueue> ready = new TreeSet<>(FlowQueue::byKey);

    private final Map<TeamState, FlowQueue> flowQueues = new HashMap<>();
    private long virtualTime;

    OperationQueue(Cooldown operation) {
        this.operation = operation;
    }

    /** Gives a call its place among those of its team. */
    void enter(QueuedRequest queued) {
        queued.flowQueue =
                flowQueues.computeIfAbsent(queued.team, added -> new FlowQueue(this, added, flowQueues.size()));
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
        FlowQueue flowQueue = queued.flowQueue();
        if (flowQueue.isIdle()) {
            flowQueue.start = Math.max(flowQueue.start, virtualTime);
        }
        flowQueue.expect(queued, 1);
    }

    void add(QueuedRequest queued) {
        FlowQueue flowQueue = queued.flowQueue();
        ready.remove(flowQueue);
        flowQueue.add(queued);
        place(flowQueue);
    }

    void remove(QueuedRequest queued) {
        FlowQueue flowQueue = queued.flowQueue();
        ready.remove(flowQueue);
        flowQueue.remove(queued);
        place(flowQueue);
    }

    /**
     * Charges a granted call, which is removed already, to its flow queue; a flow queue whose calls were parked has
     * saved nothing up.
     */
    void charge(QueuedRequest queued) {
        FlowQueue flowQueue = queued.flowQueue();
        flowQueue.age(queued);
        long start = Math.max(flowQueue.start, virtualTime);
        virtualTime = Math.max(virtualTime, start - queued.lead());
        move(flowQueue, start + queued.share());
    }

    /** Takes back the charge for a call that was never sent. */
    void refund(QueuedRequest queued) {
        move(queued.flowQueue(), queued.flowQueue().start - queued.share());
    }

    private void move(FlowQueue flowQueue, long start) {
        ready.remove(flowQueue);
        flowQueue.start = start;
        place(flowQueue);
    }

    private void place(FlowQueue flowQueue) {
        QueuedRequest head = flowQueue.head();
        if (head != null) {
            flowQueue.key = flowQueue.start - head.lead();
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

    /**
     * One team's calls that need the same limits, as far as they are not parked behind a limit per variable. Guarded by the
     * account's lock.
     *
     * <p>Retries go first, then interactive calls, then bulk, each in the order in which the calls came. A bulk call ages
     * by being passed over: after {@value #MAX_PASSED_OVER} calls it is next. Counted in turns and not in time, so that a
     * long backlog of bulk does not come of age all at once and go before what is urgent.
     */
    static final class FlowQueue {
        private static final int MAX_PASSED_OVER = 8;

        final OperationQueue operationQueue;
        final TeamState team;
        final long id;
        private final NavigableSet<QueuedRequest> urgent = QueuedRequest.set();
        private final NavigableSet<QueuedRequest> bulk = QueuedRequest.set();
        private int passedOver;

        /** The start tag of its next call, see {@link FairQueue}. */
        long start;

        /** Its rank among the flow queues of its operation queue, which changes it. */
        long key;

        /** The cost of all its waiting calls, the parked ones too. */
        long urgentCost;

        long bulkCost;

        /** How much of it is of reads that go along with another's permit. */
        private long urgentAlong;

        private long bulkAlong;

        FlowQueue(OperationQueue operationQueue, TeamState team, long id) {
            this.operationQueue = operationQueue;
            this.team = team;
            this.id = id;
        }

        static int byKey(FlowQueue one, FlowQueue other) {
            return one.key != other.key ? Long.compare(one.key, other.key) : Long.compare(one.id, other.id);
        }

        void add(QueuedRequest queued) {
            (queued.urgent() ? urgent : bulk).add(queued);
        }

        void remove(QueuedRequest queued) {
            (queued.urgent() ? urgent : bulk).remove(queued);
        }

        /** True if none of its calls waits, not even parked. */
        boolean isIdle() {
            return urgentCost + bulkCost == 0;
        }

        /** Its next call, or null. */
        @Nullable
        QueuedRequest head() {
            if (urgent.isEmpty() || (passedOver >= MAX_PASSED_OVER && !bulk.isEmpty())) {
                return bulk.isEmpty() ? null : bulk.first();
            }
            return urgent.first();
        }

        /** Records that {@code queued}, its head, was granted. */
        void age(QueuedRequest queued) {
            passedOver = queued.urgent() && bulkCost > 0 ? passedOver + 1 : 0;
        }

        /** The permits that its urgent calls need: reads that go along with another need none. */
        long urgentPermits() {
            return urgentCost - urgentAlong;
        }

        /** The permits that its bulk needs. */
        long bulkPermits() {
            return bulkCost - bulkAlong;
        }

        /** Adds a call's cost to what goes along with other reads, or subtracts it again. */
        void goAlong(QueuedRequest read, int sign) {
            if (read.urgent()) {
                urgentAlong += sign * (long) read.cost;
            } else {
                bulkAlong += sign * (long) read.cost;
            }
        }

        /** Adds a call's cost to what is waited for, or subtracts it again. */
        void expect(QueuedRequest queued, int sign) {
            if (queued.urgent()) {
                urgentCost += sign * (long) queued.cost;
            } else {
                bulkCost += sign * (long) queued.cost;
            }
        }
    }
}
