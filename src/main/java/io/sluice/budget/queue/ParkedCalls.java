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
 * room, the first of each row goes back to its flow queue; there the order is decided as if it had never left. Guarded
 * by the account's lock.
 */
final class ParkedCalls {
    /**
     * Calls that are served one after the other: those of a flow queue that are urgent, or its bulk. Calls that may go
     * before their slot are a row of their own, since the counter can have room for them alone.
     */
    private record Row(FlowQueue flowQueue, boolean urgent, BurstAllowance allowance) {}

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
        NavigableSet<QueuedRequest> row = rows.computeIfAbsent(rowOf(queued), added -> QueuedRequest.set());
        row.add(queued);
        queued.parkedBehind = counter;
        return row.lower(queued) == null;
    }

    void remove(QueuedRequest queued) {
        Row key = rowOf(queued);
        NavigableSet<QueuedRequest> row = rows.get(key);
        if (row != null && row.remove(queued) && row.isEmpty()) {
            rows.remove(key);
        }
        queued.parkedBehind = null;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** True if calls wait here that {@code queued} must not overtake. */
    boolean holdsBefore(QueuedRequest queued) {
        return rows.containsKey(rowOf(queued));
    }

    private Row rowOf(QueuedRequest queued) {
        return new Row(queued.flowQueue(), queued.urgent(), queued.allowance(counter));
    }

    /** The largest allowance of the calls; it decides whether one could go. */
    BurstAllowance allowance() {
        BurstAllowance most = BurstAllowance.NONE;
        for (Row row : rows.keySet()) {
            most = row.allowance().compareTo(most) > 0 ? row.allowance() : most;
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
