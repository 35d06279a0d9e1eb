package io.sluice.budget;

import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/** One team's calls for one account. Guarded by the account's lock. */
final class Team {
    final String name;
    private final NavigableSet<Waiter> urgent = Waiter.queue();
    private final NavigableSet<Waiter> bulk = Waiter.queue();

    /** The start tag of its next call, see {@link FairQueue}. */
    long start;

    int weight = 1;
    int inFlight;
    long served;

    Team(String name) {
        this.name = name;
    }

    void add(Waiter waiter) {
        queueOf(waiter).add(waiter);
        weight = waiter.demand.flow().weight();
    }

    void remove(Waiter waiter) {
        queueOf(waiter).remove(waiter);
    }

    private NavigableSet<Waiter> queueOf(Waiter waiter) {
        return waiter.urgent() ? urgent : bulk;
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
        long oldest = urgent.isEmpty() ? now : urgent.first().since;
        return bulk.isEmpty() ? oldest : Math.min(oldest, bulk.first().since);
    }
}
