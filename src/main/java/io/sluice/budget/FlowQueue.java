package io.sluice.budget;

import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * One team's calls that need the same limits, as far as they are not parked behind a limit per variable. Guarded by the
 * account's lock.
 *
 * <p>Retries go first, then interactive calls, then bulk, each in the order in which the calls came. A bulk call ages
 * by being passed over: after {@value #MAX_PASSED_OVER} calls it is next. Counted in turns and not in time, so that a
 * long backlog of bulk does not come of age all at once and go before what is urgent.
 */
final class FlowQueue {
    private static final int MAX_PASSED_OVER = 8;

    final OperationQueue operationQueue;
    final TeamState team;
    final long id;
    private final NavigableSet<QueuedRequest> urgent = QueuedRequest.queue();
    private final NavigableSet<QueuedRequest> bulk = QueuedRequest.queue();
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
