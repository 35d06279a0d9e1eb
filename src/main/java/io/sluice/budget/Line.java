package io.sluice.budget;

import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * One team's calls that need the same limits, as far as they are not parked behind a limit per variable. Guarded by
 * the account's lock.
 *
 * <p>Retries go first, then what somebody waits for, then bulk, each in the order in which the calls came. A bulk call
 * ages by being passed over: after {@value #PATIENCE} calls it is next. Counted in turns and not in time, so that a
 * long backlog of bulk does not come of age all at once and stand before what is urgent.
 */
final class Line {
    private static final int PATIENCE = 8;

    final Branch branch;
    final Team team;
    final long id;
    private final NavigableSet<Waiter> urgent = Waiter.queue();
    private final NavigableSet<Waiter> bulk = Waiter.queue();
    private int passedOver;

    /** The start tag of its next call, see {@link FairQueue}. */
    long start;

    /** Where it stands among its branch's lines; the branch changes it. */
    long key;

    /** What all its waiting calls cost, the parked ones too. */
    long urgentCost;

    long bulkCost;

    Line(Branch branch, Team team, long id) {
        this.branch = branch;
        this.team = team;
        this.id = id;
    }

    static int byKey(Line one, Line other) {
        return one.key != other.key ? Long.compare(one.key, other.key) : Long.compare(one.id, other.id);
    }

    void add(Waiter waiter) {
        (waiter.urgent() ? urgent : bulk).add(waiter);
    }

    void remove(Waiter waiter) {
        (waiter.urgent() ? urgent : bulk).remove(waiter);
    }

    /** Whether none of its calls waits, not even parked. */
    boolean isIdle() {
        return urgentCost + bulkCost == 0;
    }

    /** Its next call, or none. */
    @Nullable
    Waiter head() {
        if (urgent.isEmpty() || (passedOver >= PATIENCE && !bulk.isEmpty())) {
            return bulk.isEmpty() ? null : bulk.first();
        }
        return urgent.first();
    }

    /** Notes that {@code waiter}, its head, was granted. */
    void age(Waiter waiter) {
        passedOver = waiter.urgent() && bulkCost > 0 ? passedOver + 1 : 0;
    }

    /** Adds a call to what is waited for, or takes it off again. */
    void expect(Waiter waiter, int sign) {
        if (waiter.urgent()) {
            urgentCost += sign * (long) waiter.cost;
        } else {
            bulkCost += sign * (long) waiter.cost;
        }
    }
}
