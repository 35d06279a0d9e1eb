package io.sluice.budget;

import java.util.Collections;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * One team's calls for one account: its start tag, and how many wait and are in flight. Guarded by the account's lock.
 */
final class TeamState {
    final String name;
    private NavigableSet<QueuedRequest> urgent = Collections.emptyNavigableSet();
    private NavigableSet<QueuedRequest> bulk = Collections.emptyNavigableSet();

    /** The start tag of its next call, see {@link FairQueue}. */
    long start;

    int weight = 1;
    int inFlight;
    long served;

    TeamState(String name) {
        this.name = name;
    }

    void add(QueuedRequest queued) {
        weight = queued.request.teamShare().weight();
        if (queued.urgent()) {
            urgent = urgent.isEmpty() ? QueuedRequest.queue() : urgent;
            urgent.add(queued);
        } else {
            bulk = bulk.isEmpty() ? QueuedRequest.queue() : bulk;
            bulk.add(queued);
        }
    }

    void remove(QueuedRequest queued) {
        (queued.urgent() ? urgent : bulk).remove(queued);
    }

    /** Resets the start tag, since no call has waited for a while. */
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
    QueuedRequest newestBulk() {
        return bulk.isEmpty() ? null : bulk.last();
    }

    /** When the call came that has waited longest; {@code now} if none waits. */
    long oldestSince(long now) {
        long oldest = bulk.isEmpty() ? now : bulk.first().since;
        for (QueuedRequest queued : urgent) {
            oldest = Math.min(oldest, queued.since);
            if (!queued.retry) {
                // From here on they are in the order in which they came.
                return oldest;
            }
        }
        return oldest;
    }
}
