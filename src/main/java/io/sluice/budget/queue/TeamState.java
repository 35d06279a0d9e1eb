package io.sluice.budget.queue;

import java.util.Collections;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * One team's calls for one account: its start tag, and how many wait and are in flight. Guarded by the account's lock.
 */
public final class TeamState {
    private final String name;
    private NavigableSet<QueuedRequest> urgent = Collections.emptyNavigableSet();
    private NavigableSet<QueuedRequest> bulk = Collections.emptyNavigableSet();

    /** The start tag of its next call, see {@link FairQueue}. */
    long start;

    int weight = 1;
    private int inFlight;
    private long served;

    /** A team without calls. */
    public TeamState(String name) {
        this.name = name;
    }

    /** The team's name. */
    public String name() {
        return name;
    }

    /** How many of its calls hold a permit. */
    public int inFlight() {
        return inFlight;
    }

    /** How many permits it was granted and has not released unsent. */
    public long served() {
        return served;
    }

    /** Counts a permit that was granted to it. */
    public void granted() {
        served++;
        inFlight++;
    }

    /** Counts the end of a call that held a permit. */
    public void ended() {
        inFlight--;
    }

    /** Counts a permit that was released unsent. */
    public void released() {
        inFlight--;
        served--;
    }

    void add(QueuedRequest queued) {
        weight = queued.weight();
        if (queued.urgent()) {
            urgent = urgent.isEmpty() ? QueuedRequest.set() : urgent;
            urgent.add(queued);
        } else {
            bulk = bulk.isEmpty() ? QueuedRequest.set() : bulk;
            bulk.add(queued);
        }
    }

    void remove(QueuedRequest queued) {
        (queued.urgent() ? urgent : bulk).remove(queued);
    }

    /** Resets the start tag, since no call has waited for a while. */
    public void rest() {
        start = 0;
        urgent = Collections.emptyNavigableSet();
        bulk = Collections.emptyNavigableSet();
    }

    /** How many of its calls wait. */
    public int pending() {
        return urgent.size() + bulk.size();
    }

    /** Its bulk call that came last, or null. */
    public @Nullable QueuedRequest newestBulk() {
        return bulk.isEmpty() ? null : bulk.last();
    }

    /** When the call came that has waited longest; {@code now} if none waits. */
    public long oldestSince(long now) {
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
