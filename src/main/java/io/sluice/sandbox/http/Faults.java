package io.sluice.sandbox.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The faults in force, at most {@link #MAX_FAULTS}; the first that concerns a call strikes it. Thread-safe. */
public final class Faults {
    static final int MAX_FAULTS = 1000;

    private final RandomGenerator random;
    private final Map<String, Active> active = new LinkedHashMap<>(); // guarded by this
    private long added; // guarded by this

    public Faults(RandomGenerator random) {
        this.random = random;
    }

    public synchronized JsonObject add(Fault fault) {
        if (active.size() >= MAX_FAULTS) {
            throw new ControlException(409, "there are already " + MAX_FAULTS + " faults");
        }
        String id = "fault_" + ++added;
        Active entry = new Active(fault);
        active.put(id, entry);
        return entry.json(id);
    }

    /** Finds the fault that strikes this call, or null, and counts the strike. */
    synchronized @Nullable Fault strike(String vendor, String operation, String method, String rawPath) {
        Iterator<Active> all = active.values().iterator();
        while (all.hasNext()) {
            Active entry = all.next();
            if (entry.fault.concerns(vendor, operation, method, rawPath)
                    && entry.struck < entry.fault.times()
                    && (entry.fault.probability() == 1 || random.nextDouble() < entry.fault.probability())) {
                entry.struck++;
                return entry.fault;
            }
        }
        return null;
    }

    public synchronized JsonArray json() {
        JsonArray json = new JsonArray();
        active.forEach((id, entry) -> json.add(entry.json(id)));
        return json;
    }

    public synchronized void clear() {
        active.clear();
    }

    public synchronized void remove(String id) {
        if (active.remove(id) == null) {
            throw new ControlException(404, "there is no fault " + id);
        }
    }

    private static final class Active {
        private final Fault fault;
        private long struck;

        Active(Fault fault) {
            this.fault = fault;
        }

        JsonObject json(String id) {
            return new JsonObject().put("id", id).mergeIn(fault.asked()).put("struck", struck);
        }
    }
}
