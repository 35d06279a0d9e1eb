package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The events of a workspace in the order they took effect. Guarded by the lock of its {@link Vendor}. */
final class CustomerioEvents {
    private final SandboxClock clock;
    private final int maxRecords;
    private final List<Event> events = new ArrayList<>();
    private final Map<String, Event> byId = new HashMap<>();
    private long ignored;

    CustomerioEvents(SandboxClock clock, int maxRecords) {
        this.clock = clock;
        this.maxRecords = maxRecords;
    }

    /** Adds an event; one with an id that was used before is ignored, even if its content differs, and counted. */
    void add(String person, String type, JsonObject event, @Nullable JsonObject data) {
        String id = event.getString("id");
        Event known = id == null ? null : byId.get(id);
        if (known != null) {
            known.times++;
            ignored++;
            return;
        }
        StoreFullException.check("Customer.io events", events.size(), maxRecords);
        Event added =
                new Event(id, person, type, event.getString("name"), event.getLong("timestamp", clock.seconds()), data);
        events.add(added);
        if (id != null) {
            byId.put(id, added);
        }
    }

    JsonObject summary() {
        return Json.of("events", events.size(), "events_with_known_id_ignored", ignored);
    }

    JsonObject details() {
        JsonArray json = new JsonArray();
        for (int i = 0; i < events.size(); i++) {
            json.add(events.get(i).json(i));
        }
        return Json.of("events", json);
    }

    void reset() {
        events.clear();
        byId.clear();
        ignored = 0;
    }

    private static final class Event {
        private final @Nullable String id;
        private final String person;
        private final String type;
        private final @Nullable String name;
        private final long timestamp;
        private final @Nullable JsonObject data;
        private long times = 1;

        Event(
                @Nullable String id,
                String person,
                String type,
                @Nullable String name,
                long timestamp,
                @Nullable JsonObject data) {
            this.id = id;
            this.person = person;
            this.type = type;
            this.name = name;
            this.timestamp = timestamp;
            this.data = data;
        }

        JsonObject json(int sequence) {
            return Json.of(
                    "sequence", sequence,
                    "id", id,
                    "person", person,
                    "type", type,
                    "name", name,
                    "timestamp", timestamp,
                    "data", data,
                    "times", times);
        }
    }
}
