package io.sluice.sandbox.clerk;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** Clerk's three metadata fields and the two ways to change them. */
final class Metadata {
    static final List<String> USER = List.of("public_metadata", "private_metadata", "unsafe_metadata");
    static final List<String> ORGANIZATION = List.of("public_metadata", "private_metadata");

    private Metadata() {}

    /** Sets every field, to its value in the request or empty. */
    static void init(JsonObject resource, JsonObject asked, List<String> fields) {
        for (String field : fields) {
            JsonObject value = asked.getJsonObject(field);
            resource.put(field, value == null ? new JsonObject() : value.copy());
        }
    }

    /** Deep merge; a null removes its key. */
    static void merge(JsonObject resource, JsonObject asked, List<String> fields) {
        for (String field : fields) {
            JsonObject changes = asked.getJsonObject(field);
            if (changes != null) {
                JsonObject value = resource.getJsonObject(field).copy();
                merge(value, changes);
                resource.put(field, value);
            }
        }
    }

    private static void merge(JsonObject into, JsonObject changes) {
        for (String key : changes.fieldNames()) {
            Object change = changes.getValue(key);
            if (change == null) {
                into.remove(key);
            } else if (change instanceof JsonObject object && into.getValue(key) instanceof JsonObject old) {
                merge(old, object);
            } else if (change instanceof JsonObject object) {
                JsonObject fresh = new JsonObject();
                merge(fresh, object);
                into.put(key, fresh);
            } else {
                into.put(key, change);
            }
        }
    }

    /** Replaces each field that is supplied. */
    static void replace(JsonObject resource, JsonObject asked, List<String> fields) {
        for (String field : fields) {
            JsonObject value = asked.getJsonObject(field);
            if (value != null) {
                resource.put(field, value.copy());
            }
        }
    }
}
