package io.sluice.gateway;

import io.sluice.cache.Whole;
import io.sluice.call.Call;
import io.sluice.call.Result;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads that wait for a permit and could be made together. Each is in at most one place. Thread-safe. */
final class WaitingRooms {
    /** A read that waits. */
    static final class Rider {
        final Call call;
        final String id;
        /** How it went, once somebody else has taken it along; nothing if it must go itself. */
        final CompletableFuture<Optional<Carried>> carried = new CompletableFuture<>();

        Rider(Call call, String id) {
            this.call = call;
            this.id = id;
        }

        /** Tells how it went; what was told first holds. By one thread only. */
        void settle(Optional<Carried> how) {
            if (carried.isDone()) {
                // It may stand in the queue for itself by now.
                return;
            }
            // Again, since its thread may have come to the queue only after it was called off there; and before it is
            // told, since it may then queue anew.
            call.callOff();
            carried.complete(how);
        }
    }

    /** What came of being taken along. */
    sealed interface Carried {
        /** An answer. */
        record Answer(Whole whole) implements Carried {}

        /** None for anybody. */
        record None(Result.Failed failed) implements Carried {}
    }

    private final Map<String, LinkedHashMap<Rider, Boolean>> rooms = new LinkedHashMap<>(); // guarded by this

    synchronized void enter(String room, Rider rider) {
        rooms.computeIfAbsent(room, absent -> new LinkedHashMap<>()).put(rider, true);
    }

    /** Leaves; false if somebody has taken the rider along. */
    synchronized boolean leave(String room, Rider rider) {
        LinkedHashMap<Rider, Boolean> waiting = rooms.get(room);
        boolean there = waiting != null && waiting.remove(rider) != null;
        if (waiting != null && waiting.isEmpty()) {
            rooms.remove(room);
        }
        return there;
    }

    /** Whether somebody waits in it. */
    synchronized boolean occupied(String room) {
        return rooms.containsKey(room);
    }

    /** Takes those along who have waited longest. */
    synchronized List<Rider> take(String room, int most) {
        LinkedHashMap<Rider, Boolean> waiting = rooms.get(room);
        List<Rider> taken = new ArrayList<>();
        if (waiting != null) {
            Iterator<Rider> first = waiting.keySet().iterator();
            while (taken.size() < most && first.hasNext()) {
                taken.add(first.next());
                first.remove();
            }
            if (waiting.isEmpty()) {
                rooms.remove(room);
            }
        }
        return taken;
    }
}
