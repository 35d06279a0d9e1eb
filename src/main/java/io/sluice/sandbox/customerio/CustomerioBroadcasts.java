package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Broadcasts that are triggered by a call. Guarded by the lock of its {@link Vendor}. */
final class CustomerioBroadcasts {
    private static final List<String> AUDIENCES =
            List.of("recipients", "ids", "emails", "per_user_data", "data_file_url");
    private static final Set<String> FIELDS = Set.of(
            "data",
            "recipients",
            "ids",
            "emails",
            "per_user_data",
            "data_file_url",
            "id_ignore_missing",
            "email_ignore_missing",
            "email_add_duplicates");
    private static final int MOST_ENTRIES = 10_000;

    private final SandboxClock clock;
    private final Settings settings;
    private final int maxRecords;
    private final Map<Long, Trigger> triggers = new LinkedHashMap<>();
    private long lastId;

    CustomerioBroadcasts(SandboxClock clock, Settings settings, int maxRecords) {
        this.clock = clock;
        this.settings = settings;
        this.maxRecords = maxRecords;
    }

    SandboxResponse trigger(Call call) {
        JsonObject asked = call.json();
        for (String field : asked.fieldNames()) {
            if (!FIELDS.contains(field)) {
                return unprocessable(field, "there is no such field");
            }
        }
        List<String> audiences = AUDIENCES.stream().filter(asked::containsKey).toList();
        if (audiences.size() != 1) {
            return unprocessable("recipients", "exactly one of " + AUDIENCES);
        }
        String audience = audiences.getFirst();
        if (asked.getValue(audience) instanceof JsonObject recipients && recipients.isEmpty()) {
            return unprocessable(audience, "recipients must not be empty");
        }
        if (asked.getValue(audience) instanceof JsonArray list && list.size() > MOST_ENTRIES) {
            return unprocessable(audience, "at most 10000 entries");
        }
        if (waiting() >= settings.number("broadcast_queue")) {
            return SandboxResponse.empty(429);
        }
        StoreFullException.check("Customer.io triggers", triggers.size(), maxRecords);
        long id = ++lastId;
        triggers.put(id, new Trigger(id, call.parameter("broadcast"), clock.millis(), asked));
        return SandboxResponse.json(200, Json.of("id", id));
    }

    private static SandboxResponse unprocessable(String field, String detail) {
        return SandboxResponse.json(
                422,
                Json.of(
                        "errors",
                        Json.array(Json.of(
                                "detail",
                                detail,
                                "status",
                                "422",
                                "source",
                                Json.of("pointer", "/data/attributes/" + field)))));
    }

    private long waiting() {
        return triggers.values().stream().filter(trigger -> !processed(trigger)).count();
    }

    private boolean processed(Trigger trigger) {
        return clock.millis() >= processedAt(trigger);
    }

    private long processedAt(Trigger trigger) {
        return trigger.createdAt() + settings.number("broadcast_ms");
    }

    SandboxResponse read(Call call) {
        return SandboxResponse.json(200, json(trigger(call, call.parameter("trigger"))));
    }

    SandboxResponse errors(Call call) {
        trigger(call, call.parameter("trigger"));
        return SandboxResponse.json(200, Json.of("errors", new JsonArray()));
    }

    SandboxResponse list(Call call) {
        String broadcast = call.parameter("broadcast");
        JsonArray found = triggers.values().stream()
                .filter(trigger -> trigger.broadcast().equals(broadcast))
                .map(this::json)
                .collect(Json.toArray());
        return SandboxResponse.json(200, Json.of("triggers", found));
    }

    private Trigger trigger(Call call, String id) {
        for (Trigger trigger : triggers.values()) {
            if (Long.toString(trigger.id()).equals(id) && trigger.broadcast().equals(call.parameter("broadcast"))) {
                return trigger;
            }
        }
        throw new RefusedException(CustomerioApp.error(404, "no trigger " + id));
    }

    private JsonObject json(Trigger trigger) {
        return Json.of(
                "id",
                trigger.id(),
                "broadcast_id",
                trigger.broadcast(),
                "created_at",
                trigger.createdAt() / 1000,
                "processed_at",
                processed(trigger) ? processedAt(trigger) / 1000 : null);
    }

    JsonObject summary() {
        return Json.of("broadcast_triggers", triggers.size(), "broadcast_triggers_waiting", waiting());
    }

    JsonObject details() {
        return Json.of(
                "triggers",
                triggers.values().stream()
                        .map(trigger -> json(trigger).put("body", trigger.asked()))
                        .collect(Json.toArray()));
    }

    void reset() {
        triggers.clear();
    }

    private record Trigger(long id, String broadcast, long createdAt, JsonObject asked) {}
}
