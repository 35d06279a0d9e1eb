package io.sluice.saas.customerio.broadcast;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The recent broadcast triggers of one workspace, and which of them are pending. In memory, and bounded. Thread-safe.
 */
final class PendingTriggers {
    /** Ten times the number of triggers that a workspace may make in an hour. */
    private static final int MOST = 3_600;

    private final LinkedHashMap<TriggerId, Trigger> known = new LinkedHashMap<>(); // guarded by this; the oldest first

    /** A trigger's name. */
    record TriggerId(String broadcast, String id) {}

    /** A pending trigger, and the team on whose behalf it is polled. */
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

    /** Adds a pending trigger, made by us or by others. */
    synchronized void addPending(TriggerId name, String team, long until) {
        known.computeIfAbsent(name, added -> new Trigger(team, until));
        if (known.size() > MOST) {
            Iterator<TriggerId> eldest = known.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    /** Marks a trigger as processed. */
    synchronized void processed(TriggerId name) {
        Trigger trigger = known.get(name);
        if (trigger != null) {
            trigger.pending = false;
        }
    }

    /** The pending triggers, the oldest first. */
    synchronized List<PendingTrigger> pending() {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue().pending)
                .map(entry -> new PendingTrigger(entry.getKey(), entry.getValue().team, entry.getValue().until))
                .toList();
    }

    /** Removes the expired triggers, and returns those of them that were still pending. */
    synchronized List<TriggerId> forget(long now) {
        List<TriggerId> waited = known.entrySet().stream()
                .filter(entry -> entry.getValue().until <= now && entry.getValue().pending)
                .map(Map.Entry::getKey)
                .toList();
        known.values().removeIf(trigger -> trigger.until <= now);
        return waited;
    }
}
