package io.sluice.budget.queue;

import io.sluice.budget.queue.OperationQueue.FlowQueue;
import io.sluice.budget.window.BurstAllowance;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.Times;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableSet;

/**
 * Calls that wait behind one counter of a limit per variable, and let others of their team pass. When the counter has
 * room, the first of each flow queue goes back to it, and so does the first of its bulk; there the order is decided as
 * if it had never left. Guarded by the account's lock.
 */
final class ParkedCalls {
    /** Calls that are served one after the other: those of a flow queue that are urgent, or its bulk. */
    private record Row(FlowQueue flowQueue, boolean urgent) {
        static Row of(QueuedRequest queued) {
            return new Row(queued.flowQueue(), queued.urgent());
        }
    }

    final LimitCounter counter;
    final long id;
    private final Map<Row, NavigableSet<QueuedRequest>> rows = new HashMap<>();

    /** When to check again; {@link FairQueue} changes it. */
    long wakeAt = Times.NEVER;

    ParkedCalls(LimitCounter counter, long id) {
        this.counter = counter;
        this.id = id;
    }

    static int byWaking(ParkedCalls one, ParkedCalls other) {
        return one.wakeAt != other.wakeAt ? Long.compare(one.wakeAt, other.wakeAt) : Long.compare(one.id, other.id);
    }

    /** Adds a call; returns true if it goes before the others of its row. */
    boolean add(QueuedRequest queued) {
        NavigableSet<QueuedRequest> row = rows.computeIfAbsent(Row.of(queued), added -> QueuedRequest.set());
        row.add(queued);
        queued.parkedBehind = counter;
        return row.lower(queued) == null;
    }

    void remove(QueuedRequest queued) {
        NavigableSet<QueuedRequest> row = rows.get(Row.of(queued));
        if (row != null && row.remove(queued) && row.isEmpty()) {
            rows.remove(Row.of(queued));
        }
        queued.parkedBehind = null;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** True if calls wait here that {@code queued} must not overtake. */
    boolean holdsBefore(QueuedRequest queued) {
        return rows.containsKey(Row.of(queued));
    }

    /** The largest allowance that the first call of any row has; it decides whether one could go. */
    BurstAllowance allowance() {
        BurstAllowance most = BurstAllowance.NONE;
        for (NavigableSet<QueuedRequest> row : rows.values()) {
            BurstAllowance allowance = row.first().allowance(counter);
            most = allowance.compareTo(most) > 0 ? allowance : most;
        }
        return most;
    }

    /** Lets the first call of each row go back to its flow queue. */
    void release() {
        for (Iterator<NavigableSet<QueuedRequest>> each = rows.values().iterator(); each.hasNext(); ) {
            NavigableSet<QueuedRequest> row = each.next();
            QueuedRequest first = row.removeFirst();
            first.parkedBehind = null;
            first.flowQueue().operationQueue.add(first);
            if (row.isEmpty()) {
                each.remove();
            }
        }
    }
}
