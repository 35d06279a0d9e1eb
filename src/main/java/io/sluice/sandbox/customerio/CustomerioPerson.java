package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.Vendor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A person of a workspace. Guarded by the lock of its {@link Vendor}. */
final class CustomerioPerson {
    private final String cioId;
    private @Nullable String id;
    private @Nullable String email;
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final Map<String, Long> changedAt = new HashMap<>(); // seconds, by attribute
    private final Map<String, JsonObject> devices = new LinkedHashMap<>();
    private final Map<String, JsonObject> relationships = new LinkedHashMap<>();
    private boolean suppressed;
    private long updates;

    CustomerioPerson(String cioId) {
        this.cioId = cioId;
    }

    String cioId() {
        return cioId;
    }

    @Nullable
    String id() {
        return id;
    }

    @Nullable
    String email() {
        return email;
    }

    void id(@Nullable String newId) {
        id = newId;
    }

    void email(@Nullable String newEmail) {
        email = newEmail;
    }

    boolean suppressed() {
        return suppressed;
    }

    void suppress(boolean now) {
        suppressed = now;
    }

    Map<String, JsonObject> devices() {
        return devices;
    }

    Map<String, JsonObject> relationships() {
        return relationships;
    }

    /** Sets an attribute unless its value is newer; an empty text or null removes it. */
    void set(String name, @Nullable Object value, long timestamp) {
        if (changedAt.getOrDefault(name, Long.MIN_VALUE) > timestamp) {
            return;
        }
        changedAt.put(name, timestamp);
        if (value == null || value.equals("")) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
        }
    }

    void updated() {
        updates++;
    }

    @Nullable
    Object attribute(String name) {
        return switch (name) {
            case "id" -> id;
            case "email" -> email;
            case "cio_id" -> cioId;
            default -> attributes.get(name);
        };
    }

    boolean unsubscribed() {
        return "true".equals(String.valueOf(attributes.get("unsubscribed")));
    }

    JsonObject identifiers() {
        return Json.of("id", id, "email", email, "cio_id", cioId);
    }

    /** The person as the App API shows it: every attribute as text. */
    JsonObject shown() {
        JsonObject texts = new JsonObject();
        attributes.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        texts.put("cio_id", cioId);
        if (id != null) {
            texts.put("id", id);
        }
        if (email != null) {
            texts.put("email", email);
        }
        JsonObject timestamps = new JsonObject();
        changedAt.forEach(timestamps::put);
        JsonArray shownDevices = new JsonArray();
        devices.values().forEach(shownDevices::add);
        return Json.of(
                "id", id,
                "identifiers", identifiers(),
                "attributes", texts,
                "timestamps", timestamps,
                "unsubscribed", unsubscribed(),
                "devices", shownDevices);
    }

    /** The person as the report shows it: values as they were received. */
    JsonObject report() {
        JsonObject values = new JsonObject();
        attributes.forEach(values::put);
        return identifiers()
                .put("attributes", values)
                .put("updates", updates)
                .put("devices", devices.size())
                .put("relationships", relationships.size())
                .put("suppressed", suppressed);
    }
}
