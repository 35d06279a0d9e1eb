package io.sluice.vendor.customerio;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The triggers of one workspace that were heard of lately, and which of them wait to be processed. In memory, and bounded.
 * Thread-safe.
 */
final class WaitingTriggers {
    /** Ten times what a workspace may trigger in an hour. */
    private static final int MOST = 3_600;

    private final LinkedHashMap<Name, Trigger> known = new LinkedHashMap<>(); // guarded by this; the oldest first

    /** A trigger's name. */
    record Name(String broadcast, String id) {}

    /** A trigger that waits, and the team in whose name it is asked about. */
    record Waiting(Name name, String team, long until) {}

    private static final class Trigger {
        private final String team;
        private final long until;
        private boolean waits = true;

        private Trigger(String team, long until) {
            this.team = team;
            this.until = until;
        }
    }

    /** Hears of a trigger that waits, whoever made it. */
    synchronized void waits(Name name, String team, long until) {
        known.computeIfAbsent(name, added -> new Trigger(team, until));
        if (known.size() > MOST) {
            Iterator<Name> eldest = known.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    /** Hears that a trigger no longer waits. */
    synchronized void processed(Name name) {
        Trigger trigger = known.get(name);
        if (trigger != null) {
            trigger.waits = false;
        }
    }

    /** Those that wait, the oldest first. */
    synchronized List<Waiting> waiting() {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue().waits)
                .map(entry -> new Waiting(entry.getKey(), entry.getValue().team, entry.getValue().until))
                .toList();
    }

    /** Forgets those whose time is over; tells which of them still waited. */
    synchronized List<Name> forget(long now) {
        List<Name> waited = known.entrySet().stream()
                .filter(entry -> entry.getValue().until <= now && entry.getValue().waits)
                .map(Map.Entry::getKey)
                .toList();
        known.values().removeIf(trigger -> trigger.until <= now);
        return waited;
    }
}
