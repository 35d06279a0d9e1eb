package io.sluice.budget;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableSet;

/**
 * Calls that wait behind one counter of a limit per variable, and stand aside so that others of their team may pass.
 * When the counter has room, the first of each line goes back to its line, and so does the first of its bulk; there
 * its turn is decided as if it had never left. Guarded by the account's lock.
 */
final class ParkedCalls {
    /** Calls that are served one after the other: those of a line that are urgent, or its bulk. */
    private record Row(Line line, boolean urgent) {
        static Row of(Waiter waiter) {
            return new Row(waiter.line, waiter.urgent());
        }
    }

    final Meter meter;
    final long id;
    private final Map<Row, NavigableSet<Waiter>> rows = new HashMap<>();

    /** When to look again; {@link FairQueue} changes it. */
    long wakeAt = Meter.NEVER;

    ParkedCalls(Meter meter, long id) {
        this.meter = meter;
        this.id = id;
    }

    static int byWaking(ParkedCalls one, ParkedCalls other) {
        return one.wakeAt != other.wakeAt ? Long.compare(one.wakeAt, other.wakeAt) : Long.compare(one.id, other.id);
    }

    /** Adds a call; returns whether it goes before the others of its row. */
    boolean add(Waiter waiter) {
        NavigableSet<Waiter> row = rows.computeIfAbsent(Row.of(waiter), added -> Waiter.queue());
        row.add(waiter);
        waiter.parkedOn = this;
        return row.first() == waiter;
    }

    void remove(Waiter waiter) {
        NavigableSet<Waiter> row = rows.get(Row.of(waiter));
        if (row != null && row.remove(waiter) && row.isEmpty()) {
            rows.remove(Row.of(waiter));
        }
        waiter.parkedOn = null;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Whether calls stand here that {@code waiter} must not overtake. */
    boolean holdsBefore(Waiter waiter) {
        return rows.containsKey(Row.of(waiter));
    }

    /** The most haste that the first call of any row has; what matters is whether one could go. */
    Haste haste() {
        Haste most = Haste.NONE;
        for (NavigableSet<Waiter> row : rows.values()) {
            Haste haste = row.first().haste(meter);
            most = haste.compareTo(most) > 0 ? haste : most;
        }
        return most;
    }

    /** Lets the first call of each row go back to its line. */
    void release() {
        for (Iterator<NavigableSet<Waiter>> each = rows.values().iterator(); each.hasNext(); ) {
            NavigableSet<Waiter> row = each.next();
            Waiter first = row.removeFirst();
            first.parkedOn = null;
            first.line.branch.add(first);
            if (row.isEmpty()) {
                each.remove();
            }
        }
    }
}
