package io.sluice.budget;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableSet;

/**
 * Calls that wait behind one counter of a limit per variable, and stand aside so that others of their team may pass.
 * When the counter has room, the first of each line goes back to its line, where its turn is decided as if it had
 * never left. Guarded by the account's lock.
 */
final class ParkedCalls {
    final Meter meter;
    final long id;
    private final Map<Line, NavigableSet<Waiter>> calls = new HashMap<>();

    /** When to look again; {@link FairQueue} changes it. */
    long wakeAt = Meter.NEVER;

    ParkedCalls(Meter meter, long id) {
        this.meter = meter;
        this.id = id;
    }

    static int byWaking(ParkedCalls one, ParkedCalls other) {
        return one.wakeAt != other.wakeAt ? Long.compare(one.wakeAt, other.wakeAt) : Long.compare(one.id, other.id);
    }

    void add(Waiter waiter) {
        calls.computeIfAbsent(waiter.line, line -> Waiter.queue()).add(waiter);
        waiter.parkedOn = this;
    }

    void remove(Waiter waiter) {
        NavigableSet<Waiter> others = calls.get(waiter.line);
        if (others != null && others.remove(waiter) && others.isEmpty()) {
            calls.remove(waiter.line);
        }
        waiter.parkedOn = null;
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    boolean holds(Line line) {
        return calls.containsKey(line);
    }

    /** Lets the first call of each line go back to it. */
    void release() {
        for (Iterator<NavigableSet<Waiter>> each = calls.values().iterator(); each.hasNext(); ) {
            NavigableSet<Waiter> line = each.next();
            Waiter first = line.removeFirst();
            first.parkedOn = null;
            first.line.branch.add(first);
            if (line.isEmpty()) {
                each.remove();
            }
        }
    }
}
