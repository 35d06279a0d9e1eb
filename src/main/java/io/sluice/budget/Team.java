package io.sluice.budget;

import java.util.Collections;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/** One team's calls for one account. Guarded by the account's lock. */
final class Team {
    final String name;
    private NavigableSet<Waiter> urgent = Collections.emptyNavigableSet();
    private NavigableSet<Waiter> bulk = Collections.emptyNavigableSet();

    /** The start tag of its next call, see {@link FairQueue}. */
    long start;

    int weight = 1;
    int inFlight;
    long served;

    Team(String name) {
        this.name = name;
    }

    void add(Waiter waiter) {
        weight = waiter.demand.flow().weight();
        if (waiter.urgent()) {
            urgent = urgent.isEmpty() ? Waiter.queue() : urgent;
            urgent.add(waiter);
        } else {
            bulk = bulk.isEmpty() ? Waiter.queue() : bulk;
            bulk.add(waiter);
        }
    }

    void remove(Waiter waiter) {
        (waiter.urgent() ? urgent : bulk).remove(waiter);
    }

    /** Notes that nobody has waited for a while: tags begin anew. */
    void rest() {
        start = 0;
        urgent = Collections.emptyNavigableSet();
        bulk = Collections.emptyNavigableSet();
    }

    int pending() {
        return urgent.size() + bulk.size();
    }

    /** Its bulk call that came last. */
    @Nullable
    Waiter newestBulk() {
        return bulk.isEmpty() ? null : bulk.last();
    }

    /** When the call came that has waited longest; {@code now} if none waits. */
    long oldestSince(long now) {
        long oldest = bulk.isEmpty() ? now : bulk.first().since;
        for (Waiter waiter : urgent) {
            oldest = Math.min(oldest, waiter.since);
            if (!waiter.retry) {
                // From here on they stand as they came.
                return oldest;
            }
        }
        return oldest;
    }
}
