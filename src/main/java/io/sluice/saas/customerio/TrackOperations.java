package io.sluice.saas.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Translates calls of Track v1 into operations of v2. A call that v2 cannot express, or that v1 would refuse, has no
 * translation: Customer.io itself is to report the error.
 */
public final class TrackOperations {
    private static final Set<String> EVENT_FIELDS = Set.of("name", "type", "id", "timestamp", "data", "anonymous_id");
    private static final Set<String> EVENT_TYPES = Set.of("event", "page", "screen");

    private TrackOperations() {}

    /**
     * The operations that a call translates to, in their order; empty if it has no translation.
     *
     * @param names the path's segments, decoded, a char for each byte
     */
    public static Optional<List<ObjectNode>> of(String method, List<String> names, ObjectNode body) {
        List<String> path = names.subList(2, names.size()).stream()
                .map(TrackOperations::utf8)
                .toList();
        if (path.getFirst().equals("events")) {
            return anonymousEvent(body);
        }
        ObjectNode person = person(path.get(1));
        String what = method + " " + (path.size() > 2 ? path.get(2) : "");
        return switch (what) {
            case "PUT " -> identify(person, body);
            case "DELETE " -> one(person.put("action", "delete"));
            case "POST events" -> event(person, body);
            case "PUT devices" -> addDevice(person, body);
            case "DELETE devices" -> {
                person.put("action", "delete_device").putObject("device").put("id", path.get(3));
                yield one(person);
            }
            case "POST suppress" -> one(person.put("action", "suppress"));
            case "POST unsuppress" -> one(person.put("action", "unsuppress"));
            default -> Optional.empty();
        };
    }

    /** An operation on the person that v1 finds by one identifier of any kind, where v2 requires the kind. */
    public static ObjectNode person(String identifier) {
        String kind = identifier.startsWith("cio_") ? "cio_id" : identifier.contains("@") ? "email" : "id";
        ObjectNode operation = CustomerioJson.object().put("type", "person");
        operation
                .putObject("identifiers")
                .put(kind, kind.equals("cio_id") ? identifier.substring("cio_".length()) : identifier);
        return operation;
    }

    private static Optional<List<ObjectNode>> identify(ObjectNode person, ObjectNode body) {
        ObjectNode attributes = body.deepCopy();
        JsonNode timestamp = attributes.remove("_timestamp");
        JsonNode relationships = attributes.remove("cio_relationships");
        ObjectNode identify = person.deepCopy().put("action", "identify");
        identify.set("attributes", attributes);
        if (timestamp != null && !timestamp.isNull()) {
            identify.set("timestamp", timestamp);
        }
        if (relationships == null || relationships.isNull()) {
            return one(identify);
        }
        if (!relationships.path("relationships").isArray()) {
            return Optional.empty();
        }
        return switch (relationships.path("action").asText("")) {
            case "add_relationships" -> {
                identify.set("cio_relationships", relationships.get("relationships"));
                yield one(identify);
            }
            case "delete_relationships" -> {
                ObjectNode delete = person.deepCopy().put("action", "delete_relationships");
                delete.set("cio_relationships", relationships.get("relationships"));
                yield Optional.of(List.of(identify, delete));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<List<ObjectNode>> anonymousEvent(ObjectNode body) {
        ObjectNode event = CustomerioJson.object().put("type", "person");
        if (CustomerioJson.has(body, "anonymous_id")) {
            event.set("anonymous_id", body.get("anonymous_id"));
        }
        return event(event, body)
                .filter(operations ->
                        operations.getFirst().path("action").asText().equals("event"));
    }

    private static Optional<List<ObjectNode>> event(ObjectNode person, ObjectNode body) {
        String type = body.path("type").asText("event");
        JsonNode data = body.path("data");
        List<String> fields = new ArrayList<>();
        body.fieldNames().forEachRemaining(fields::add);
        boolean says = EVENT_TYPES.contains(type)
                && EVENT_FIELDS.containsAll(fields)
                && !body.path("name").asText("").isEmpty()
                && (data.isObject() || data.isMissingNode() || data.isNull())
                && (!CustomerioJson.has(body, "anonymous_id") || person.has("anonymous_id"));
        if (!says) {
            return Optional.empty();
        }
        person.put("action", type).set("name", body.get("name"));
        for (String field : List.of("id", "timestamp")) {
            if (CustomerioJson.has(body, field)) {
                person.set(field, body.get(field));
            }
        }
        if (data.isObject()) {
            person.set("attributes", data);
        }
        return one(person);
    }

    private static Optional<List<ObjectNode>> addDevice(ObjectNode person, ObjectNode body) {
        if (!body.path("device").isObject() || body.size() != 1) {
            return Optional.empty();
        }
        person.put("action", "add_device").set("device", body.get("device"));
        return one(person);
    }

    private static Optional<List<ObjectNode>> one(ObjectNode operation) {
        return Optional.of(List.of(operation));
    }

    /** Decodes UTF-8 bytes that stand one to a char. */
    public static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
