package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The operations of Track v2, checked and applied one by one. Guarded by the lock of its {@link Vendor}. */
final class CustomerioEntities {
    private static final Set<String> PERSON_ACTIONS = Set.of(
            "identify",
            "delete",
            "event",
            "screen",
            "page",
            "add_relationships",
            "delete_relationships",
            "add_device",
            "delete_device",
            "merge",
            "suppress",
            "unsuppress");
    private static final Set<String> OBJECT_ACTIONS =
            Set.of("identify", "delete", "event", "add_relationships", "delete_relationships");
    private static final Set<String> PERSON_IDENTIFIERS = Set.of("id", "email", "phone", "cio_id");
    private static final int MOST_ID_BYTES = 150;
    private static final int MOST_EVENT_NAME_BYTES = 100;

    private final CustomerioPeople people;
    private final CustomerioEvents events;
    private final int maxRecords;
    private final Map<String, JsonObject> objects = new LinkedHashMap<>(); // "1/acme" to attributes
    private long applied;

    CustomerioEntities(CustomerioPeople people, CustomerioEvents events, int maxRecords) {
        this.people = people;
        this.events = events;
        this.maxRecords = maxRecords;
    }

    /** Applies an operation; returns its error, or null. */
    @Nullable
    JsonObject apply(Object given) {
        if (!(given instanceof JsonObject operation)) {
            return error("invalid", "", "an operation must be an object");
        }
        JsonObject wrong = check(operation);
        if (wrong == null) {
            wrong = switch (operation.getString("type")) {
                case "person" -> person(operation);
                case "object" -> object(operation);
                default -> null;
            };
        }
        if (wrong == null) {
            applied++;
        }
        return wrong;
    }

    /** Validates an operation without applying it; returns its error, or null. */
    static @Nullable JsonObject check(JsonObject operation) {
        String type = operation.getString("type", "");
        String action = operation.getString("action", "");
        Set<String> actions;
        switch (type) {
            case "person" -> actions = PERSON_ACTIONS;
            case "object" -> actions = OBJECT_ACTIONS;
            case "delivery" -> actions = Set.of("event");
            default -> {
                return error("invalid", "type", "type must be person, object or delivery");
            }
        }
        if (!actions.contains(action)) {
            return error("invalid", "action", "no such action for a " + type);
        }
        if (Set.of("event", "screen", "page").contains(action)) {
            String name = operation.getString("name", "");
            if (name.isEmpty() || bytes(name) > MOST_EVENT_NAME_BYTES) {
                return error("invalid", "name", "name is required, of at most 100 bytes");
            }
        }
        return type.equals("person") && !action.equals("merge") ? checkPerson(operation, action) : null;
    }

    private static @Nullable JsonObject checkPerson(JsonObject operation, String action) {
        CustomerioPeople.Identifier who = CustomerioPeople.Identifier.of(operation.getJsonObject("identifiers"));
        boolean anonymous = action.equals("event") && operation.getJsonObject("identifiers") == null;
        if (!anonymous && (who == null || !PERSON_IDENTIFIERS.contains(who.kind()))) {
            return error("invalid", "identifiers", "exactly one of id, email, phone, cio_id");
        }
        if (who != null && bytes(who.value()) > MOST_ID_BYTES) {
            return error("invalid", "identifiers", "an identifier has at most 150 bytes");
        }
        if (action.endsWith("_device") && device(operation) == null) {
            return error("invalid", "device", "device.id is required");
        }
        return null;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static JsonObject error(String reason, String field, String message) {
        return Json.of("reason", reason, "field", field, "message", message);
    }

    private static @Nullable JsonObject device(JsonObject operation) {
        JsonObject device = operation.getJsonObject("device");
        return device == null || device.getString("id") == null ? null : device;
    }

    private @Nullable JsonObject person(JsonObject operation) {
        if (operation.getString("action").equals("merge")) {
            return merge(operation);
        }
        JsonObject attributes = operation.getJsonObject("attributes", new JsonObject());
        CustomerioPeople.Identifier who = CustomerioPeople.Identifier.of(operation.getJsonObject("identifiers"));
        if (who == null) {
            events.add("anonymous:" + operation.getString("anonymous_id"), "event", operation, attributes);
            return null;
        }
        switch (operation.getString("action")) {
            case "identify" -> {
                people.identify(who, attributes, operation.getLong("timestamp"));
                relate(who, operation, true);
            }
            case "delete" -> people.delete(who);
            case "add_relationships" -> relate(who, operation, true);
            case "delete_relationships" -> relate(who, operation, false);
            case "add_device" -> addDevice(who, device(operation));
            case "delete_device" -> removeDevice(who, device(operation));
            case "suppress" -> people.findOrCreate(who).suppress(true);
            case "unsuppress" -> people.findOrCreate(who).suppress(false);
            default -> event(who, operation.getString("action"), operation, attributes);
        }
        return null;
    }

    /** Adds an event of a person, which creates the person if there is none. */
    void event(CustomerioPeople.Identifier who, String type, JsonObject event, @Nullable JsonObject data) {
        if (!people.findOrCreate(who).suppressed()) {
            events.add(who.value(), type, event, data);
        }
    }

    void addDevice(CustomerioPeople.Identifier who, @Nullable JsonObject device) {
        if (device != null) {
            people.findOrCreate(who).devices().put(device.getString("id"), device);
        }
    }

    private void removeDevice(CustomerioPeople.Identifier who, @Nullable JsonObject device) {
        if (device != null) {
            people.findOrCreate(who).devices().remove(device.getString("id"));
        }
    }

    private void relate(CustomerioPeople.Identifier who, JsonObject operation, boolean add) {
        for (Object given : operation.getJsonArray("cio_relationships", new JsonArray())) {
            if (given instanceof JsonObject relationship) {
                String key = String.valueOf(relationship.getJsonObject("identifiers"));
                Map<String, JsonObject> relationships = people.findOrCreate(who).relationships();
                if (add) {
                    relationships.put(key, relationship);
                } else {
                    relationships.remove(key);
                }
            }
        }
    }

    private @Nullable JsonObject merge(JsonObject operation) {
        CustomerioPeople.Identifier primary = CustomerioPeople.Identifier.of(operation.getJsonObject("primary"));
        CustomerioPeople.Identifier secondary = CustomerioPeople.Identifier.of(operation.getJsonObject("secondary"));
        if (primary == null || secondary == null) {
            return error("invalid", "primary", "primary and secondary need one identifier each");
        }
        people.merge(primary, secondary);
        return null;
    }

    private @Nullable JsonObject object(JsonObject operation) {
        JsonObject identifiers = operation.getJsonObject("identifiers", new JsonObject());
        String key = identifiers.getString("object_type_id") + "/" + identifiers.getString("object_id");
        if (key.contains("null")) {
            return error("invalid", "identifiers", "object_type_id and object_id are required");
        }
        switch (operation.getString("action")) {
            case "identify" -> {
                if (!objects.containsKey(key)) {
                    StoreFullException.check("Customer.io objects", objects.size(), maxRecords);
                }
                objects.computeIfAbsent(key, absent -> new JsonObject())
                        .mergeIn(operation.getJsonObject("attributes", new JsonObject()));
            }
            case "delete" -> objects.remove(key);
            case "event" -> events.add("object:" + key, "event", operation, operation.getJsonObject("attributes"));
            default -> {} // relationships of objects are accepted and not kept
        }
        return null;
    }

    JsonObject summary() {
        return Json.of("entity_operations", applied, "objects", objects.size());
    }

    void reset() {
        objects.clear();
        applied = 0;
    }
}
