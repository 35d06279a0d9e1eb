package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Customer.io's Track API, v1 and v2, simulated. 200 means accepted: conflicts between people are not reported. */
final class CustomerioTrack extends CustomerioSurface {
    private static final int MOST_BATCH_BYTES = 500 * 1024;
    private static final int MOST_OPERATION_BYTES = 32 * 1024;
    private static final int MOST_SEGMENT_IDS = 1000;
    private static final Charge WORKSPACE = Charge.of("workspace");
    private static final Charge IDENTIFY = Charge.of("identify");
    private static final Charge TRACK = Charge.of("track");
    private static final Charge BATCH = Charge.of("batch");

    private final CustomerioPeople people;
    private final CustomerioEvents events;
    private final CustomerioEntities entities;

    CustomerioTrack(
            SandboxConfig.Customerio config,
            Settings settings,
            CustomerioPeople people,
            CustomerioEvents events,
            CustomerioEntities entities,
            SandboxClock clock) {
        super("track", basic(config.siteId(), config.trackApiKey()), settings, clock);
        this.people = people;
        this.events = events;
        this.entities = entities;
        routes();
    }

    private void routes() {
        String customer = "/api/v1/customers/{customer}";
        operations
                .on("region", "GET", "/api/v1/accounts/region", this::region, WORKSPACE)
                .on("identify", "PUT", customer, this::identify, WORKSPACE, IDENTIFY)
                .on("delete", "DELETE", customer, this::delete, WORKSPACE, IDENTIFY)
                .on("event", "POST", customer + "/events", this::event, WORKSPACE, TRACK)
                .on("anonymous-event", "POST", "/api/v1/events", this::anonymousEvent, WORKSPACE, TRACK)
                .on("add-device", "PUT", customer + "/devices", this::addDevice, WORKSPACE, IDENTIFY)
                .on("delete-device", "DELETE", customer + "/devices/{device}", this::deleteDevice, WORKSPACE, IDENTIFY)
                .on("suppress", "POST", customer + "/suppress", call -> suppress(call, true), WORKSPACE, IDENTIFY)
                .on("unsuppress", "POST", customer + "/unsuppress", call -> suppress(call, false), WORKSPACE, IDENTIFY)
                .on("merge", "POST", "/api/v1/merge_customers", this::merge, WORKSPACE, IDENTIFY)
                .on("segment", "POST", "/api/v1/segments/{segment}/add_customers", this::segment, WORKSPACE, IDENTIFY)
                .on(
                        "segment",
                        "POST",
                        "/api/v1/segments/{segment}/remove_customers",
                        this::segment,
                        WORKSPACE,
                        IDENTIFY)
                .open("metrics", "POST", "/api/v1/push/events", call -> ok(), WORKSPACE, TRACK)
                .open("metrics", "POST", "/api/v1/metrics", call -> ok(), WORKSPACE, TRACK)
                .on("entity", "POST", "/api/v2/entity", this::entity, WORKSPACE, BATCH)
                .on("batch", "POST", "/api/v2/batch", this::batch, WORKSPACE, BATCH)
                .big("/api/v1/sandbox-big", WORKSPACE)
                .otherwise(call -> SandboxResponse.empty(404), WORKSPACE);
    }

    private static SandboxResponse ok() {
        return SandboxResponse.json(200, new JsonObject());
    }

    private static SandboxResponse refused(String message) {
        return SandboxResponse.json(400, Json.of("meta", Json.of("errors", Json.array(message))));
    }

    private SandboxResponse region(Call call) {
        return SandboxResponse.json(
                200, Json.of("url", call.base(), "region", settings.text("region"), "environment_id", 3));
    }

    private static CustomerioPeople.Identifier who(Call call) {
        return CustomerioPeople.Identifier.ofPath(call.parameter("customer"));
    }

    private SandboxResponse identify(Call call) {
        people.identify(who(call), call.json(), null);
        return ok();
    }

    private SandboxResponse delete(Call call) {
        people.delete(who(call));
        return ok();
    }

    private SandboxResponse event(Call call) {
        JsonObject event = call.json();
        if (event.getString("name") == null) {
            return refused("name must be there");
        }
        entities.event(who(call), event.getString("type", "event"), event, event.getJsonObject("data"));
        return ok();
    }

    private SandboxResponse anonymousEvent(Call call) {
        JsonObject event = call.json();
        if (event.getString("name") == null) {
            return refused("name must be there");
        }
        events.add(
                "anonymous:" + event.getString("anonymous_id"),
                event.getString("type", "event"),
                event,
                event.getJsonObject("data"));
        return ok();
    }

    private SandboxResponse addDevice(Call call) {
        JsonObject device = call.json().getJsonObject("device");
        if (device == null || device.getString("id") == null || device.getString("platform") == null) {
            return refused("device.id and device.platform must be there");
        }
        entities.addDevice(who(call), device);
        return ok();
    }

    private SandboxResponse deleteDevice(Call call) {
        CustomerioPerson person = people.find(who(call));
        if (person != null) {
            person.devices().remove(call.parameter("device"));
        }
        return ok();
    }

    private SandboxResponse suppress(Call call, boolean suppressed) {
        people.findOrCreate(who(call)).suppress(suppressed);
        return ok();
    }

    private SandboxResponse merge(Call call) {
        CustomerioPeople.Identifier primary =
                CustomerioPeople.Identifier.of(call.json().getJsonObject("primary"));
        CustomerioPeople.Identifier secondary =
                CustomerioPeople.Identifier.of(call.json().getJsonObject("secondary"));
        if (primary == null || secondary == null) {
            return SandboxResponse.json(
                    400, Json.of("meta", Json.of("error", "primary and secondary need one identifier each")));
        }
        people.merge(primary, secondary);
        return ok();
    }

    private SandboxResponse segment(Call call) {
        int ids = call.json().getJsonArray("ids", new JsonArray()).size();
        return ids >= 1 && ids <= MOST_SEGMENT_IDS ? ok() : refused("from 1 to 1000 ids");
    }

    private SandboxResponse entity(Call call) {
        if (call.payload().bytes() > MOST_OPERATION_BYTES) {
            return invalid(List.of(tooBig()));
        }
        JsonObject wrong = entities.apply(call.json());
        return wrong == null ? ok() : invalid(List.of(wrong));
    }

    private static SandboxResponse invalid(List<JsonObject> errors) {
        return SandboxResponse.json(400, Json.of("errors", errors.stream().collect(Json.toArray())));
    }

    private static JsonObject tooBig() {
        return Json.of("reason", "invalid", "field", "", "message", "the operation or the batch is too large");
    }

    /** Applies a batch. The whole is refused when it is no batch; otherwise each operation succeeds or fails alone. */
    private SandboxResponse batch(Call call) {
        JsonArray batch = call.json().getJsonArray("batch");
        if (call.payload().bytes() > MOST_BATCH_BYTES) {
            return invalid(List.of(tooBig()));
        }
        if (batch == null || batch.isEmpty()) {
            return invalid(List.of(Json.of("reason", "invalid", "field", "batch", "message", "batch must be there")));
        }
        if (settings.flag("batch_refuses_whole")) {
            List<JsonObject> wrong = batch.stream()
                    .map(operation ->
                            operation instanceof JsonObject object ? CustomerioEntities.check(object) : tooBig())
                    .filter(Objects::nonNull)
                    .toList();
            if (!wrong.isEmpty()) {
                return invalid(wrong);
            }
        }
        List<JsonObject> errors = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            JsonObject wrong = applyOne(call, batch.getValue(i), i);
            if (wrong != null) {
                errors.add(Json.of("batch_index", i).mergeIn(wrong));
            }
        }
        return errors.isEmpty()
                ? ok()
                : SandboxResponse.json(207, Json.of("errors", errors.stream().collect(Json.toArray())));
    }

    private @Nullable JsonObject applyOne(Call call, Object operation, int index) {
        JsonObject partial = call.partial();
        if (partial != null && partial.getJsonArray("indices").contains(index)) {
            return Json.of("reason", partial.getString("reason"), "field", "", "message", "refused on request");
        }
        if (operation instanceof JsonObject object && object.toBuffer().length() > MOST_OPERATION_BYTES) {
            return tooBig();
        }
        return entities.apply(operation);
    }

    @Override
    public SandboxResponse malformed(String detail) {
        return refused(detail);
    }
}
