package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.MalformedCallException;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Customer.io's Pipelines API, simulated. Operations that are too large are answered with 200 and dropped, as the
 * vendor does.
 */
final class CustomerioPipelines extends CustomerioSurface {
    private static final int MOST_CALL_BYTES = 32 * 1024;
    private static final int MOST_BATCH_BYTES = 500 * 1024;
    private static final Charge PIPELINES = Charge.of("pipelines");

    private final CustomerioPeople people;
    private final CustomerioEvents events;
    private long discarded; // guarded by the vendor's lock

    CustomerioPipelines(
            SandboxConfig.Customerio config,
            Settings settings,
            CustomerioPeople people,
            CustomerioEvents events,
            SandboxClock clock) {
        super("pipelines", basic(config.pipelinesKey(), ""), settings, clock);
        this.people = people;
        this.events = events;
        for (String type : List.of("identify", "track", "page", "screen", "group", "alias")) {
            operations.on(type, "POST", "/v1/" + type, call -> one(type, call), PIPELINES);
        }
        operations
                .on("pipelines-batch", "POST", "/v1/batch", this::batch, PIPELINES)
                .big("/v1/sandbox-big", PIPELINES)
                .otherwise(call -> SandboxResponse.empty(404), PIPELINES);
    }

    private SandboxResponse one(String type, Call call) {
        if (call.payload().bytes() > MOST_CALL_BYTES) {
            discarded++;
        } else {
            apply(type, call.json());
        }
        return SandboxResponse.json(200, new JsonObject());
    }

    private SandboxResponse batch(Call call) {
        JsonArray batch = call.json().getJsonArray("batch");
        if (batch == null) {
            throw new MalformedCallException("batch must be there");
        }
        for (int i = 0; i < batch.size(); i++) {
            JsonObject message = batch.getJsonObject(i);
            if (call.payload().bytes() > MOST_BATCH_BYTES || message.toBuffer().length() > MOST_CALL_BYTES) {
                discarded++;
            } else {
                apply(message.getString("type", "track"), message);
            }
        }
        return SandboxResponse.json(200, new JsonObject());
    }

    private void apply(String type, JsonObject message) {
        String user = message.getString("userId");
        if (user == null && message.getString("anonymousId") == null) {
            throw new MalformedCallException("userId or anonymousId must be there");
        }
        switch (type) {
            case "identify" -> {
                if (user != null) {
                    people.identify(
                            CustomerioPeople.Identifier.ofPath(user),
                            message.getJsonObject("traits", new JsonObject()),
                            null);
                }
            }
            case "track" -> event(user, type, message, message.getString("event"));
            case "page", "screen" -> event(user, type, message, message.getString("name"));
            default -> {} // groups and aliases are accepted and not kept
        }
    }

    private void event(@Nullable String user, String type, JsonObject message, @Nullable String name) {
        JsonObject event = Json.of("id", message.getString("messageId"), "name", name);
        String person = user == null ? "anonymous:" + message.getString("anonymousId") : user;
        events.add(person, type, event, message.getJsonObject("properties"));
    }

    JsonObject summary() {
        return Json.of("pipelines_discarded", discarded);
    }

    void reset() {
        discarded = 0;
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return SandboxResponse.empty(400);
    }
}
