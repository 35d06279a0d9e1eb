package io.sluice.vendor.customerio;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The triggers of one workspace that were heard of lately, and which of them wait to be processed. In memory, and bounded.
 * Thread-safe.
 */
final class PendingTriggers {
    /** Ten times what a workspace may trigger in an hour. */
    private static final int MOST = 3_600;

    private final LinkedHashMap<TriggerId, Trigger> known = new LinkedHashMap<>(); // guarded by this; the oldest first

    /** A trigger's name. */
    record TriggerId(String broadcast, String id) {}

    /** A trigger that waits, and the team in whose name it is asked about. */
    record PendingTrigger(TriggerId name, String team, long until) {}

    private static final class Trigger {
        private final String team;
        private final long until;
        private boolean pending = true;

        private Trigger(String team, long until) {
            this.team = team;
            this.until = until;
        }
    }

    /** Hears of a trigger that waits, whoever made it. */
    synchronized void addPending(TriggerId name, String team, long until) {
        known.computeIfAbsent(name, added -> new Trigger(team, until));
        if (known.size() > MOST) {
            Iterator<TriggerId> eldest = known.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    /** Hears that a trigger no longer waits. */
    synchronized void processed(TriggerId name) {
        Trigger trigger = known.get(name);
        if (trigger != null) {
            trigger.pending = false;
        }
    }

    /** Those that wait, the oldest first. */
    synchronized List<PendingTrigger> pending() {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue().pending)
                .map(entry -> new PendingTrigger(entry.getKey(), entry.getValue().team, entry.getValue().until))
                .toList();
    }

    /** Forgets those whose time is over; tells which of them still waited. */
    synchronized List<TriggerId> forget(long now) {
        List<TriggerId> waited = known.entrySet().stream()
                .filter(entry -> entry.getValue().until <= now && entry.getValue().pending)
                .map(Map.Entry::getKey)
                .toList();
        known.values().removeIf(trigger -> trigger.until <= now);
        return waited;
    }
}
