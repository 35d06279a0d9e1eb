package io.sluice.budget;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one operation that claim the same limits, shared between teams by start-time fair queueing. Guarded by
 * the account's lock.
 */
final class Branch {
    /** What makes calls stand in the same branch. */
    record Key(String operation, List<String> limits) {}

    private final Gate operation;
    /** Where each line stands. Lines of which all calls are parked, or none waits, are not in it. */
    private final TreeSet<Line> ready = new TreeSet<>(Line::byKey);

    private final Map<Team, Line> lines = new HashMap<>();
    private long virtualTime;

    Branch(Gate operation) {
        this.operation = operation;
    }

    Line lineOf(Team team) {
        return lines.computeIfAbsent(team, added -> new Line(this, added, lines.size()));
    }

    Collection<Line> lines() {
        return lines.values();
    }

    @Nullable
    Line lineIfAny(Team team) {
        return lines.get(team);
    }

    /** Notes that a call waits, here or parked. A line that comes back from idle starts at the present. */
    void expect(Waiter waiter) {
        Line line = waiter.line;
        if (line.isIdle()) {
            line.start = Math.max(line.start, virtualTime);
        }
        line.expect(waiter, 1);
    }

    void add(Waiter waiter) {
        ready.remove(waiter.line);
        waiter.line.add(waiter);
        place(waiter.line);
    }

    void remove(Waiter waiter) {
        ready.remove(waiter.line);
        waiter.line.remove(waiter);
        place(waiter.line);
    }

    /** Charges a granted call, which is removed already, to its line; whoever was parked has saved nothing up. */
    void charge(Waiter waiter) {
        Line line = waiter.line;
        line.age(waiter);
        long start = Math.max(line.start, virtualTime);
        virtualTime = Math.max(virtualTime, start - FairQueue.lead(waiter));
        move(line, start + FairQueue.share(waiter));
    }

    /** Takes back the charge for a call that was never sent. */
    void refund(Waiter waiter) {
        move(waiter.line, waiter.line.start - FairQueue.share(waiter));
    }

    private void move(Line line, long start) {
        ready.remove(line);
        line.start = start;
        place(line);
    }

    private void place(Line line) {
        Waiter head = line.head();
        if (head != null) {
            line.key = line.start - FairQueue.lead(head);
            ready.add(line);
        }
    }

    /** The call whose turn it is, or none. */
    @Nullable
    Waiter head() {
        return ready.isEmpty() ? null : ready.first().head();
    }

    /** About how many permits could be granted this moment, as far as limits go that the whole account shares. */
    long atOnce(long now) {
        Waiter head = head();
        if (head == null || operation.opensAt(now) > now) {
            return 0;
        }
        long least = 0;
        for (Line line : lines.values()) {
            least += line.urgentCost + line.bulkCost;
        }
        for (Meter meter : head.meters) {
            if (meter.shared()) {
                least = Math.min(least, meter.atOnce(now));
            }
        }
        return least;
    }

    /** When the limits that the whole account shares let {@code head} pass. */
    long opensAt(long now, Waiter head) {
        long at = operation.opensAt(now);
        for (int claim = 0; claim < head.meters.size() && at <= now; claim++) {
            Meter meter = head.meters.get(claim);
            if (meter.shared()) {
                at = meter.freeAt(now, head.permits(claim), head.haste(claim));
            }
        }
        return at;
    }
}
