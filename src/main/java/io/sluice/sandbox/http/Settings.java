package io.sluice.sandbox.http;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one vendor that a test may change at run time: whole numbers, flags and texts by name. Thread-safe.
 */
public final class Settings {
    public static final String LATENCY_MS = "latency_ms";
    public static final String JITTER_MS = "jitter_ms";
    public static final String LIMIT_HEADERS = "limit_headers";

    private final Map<String, Object> initial = new TreeMap<>();
    private final Map<String, Object> values = new ConcurrentHashMap<>();

    /** Adds a setting; its type is fixed by this first value. Called while the vendor is built. */
    public Settings with(String name, long value) {
        return put(name, value);
    }

    public Settings with(String name, boolean value) {
        return put(name, value);
    }

    public Settings with(String name, String value) {
        return put(name, value);
    }

    private Settings put(String name, Object value) {
        initial.put(name, value);
        values.put(name, value);
        return this;
    }

    public long number(String name) {
        return (Long) value(name);
    }

    public boolean flag(String name) {
        return (Boolean) value(name);
    }

    public String text(String name) {
        return (String) value(name);
    }

    private Object value(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no setting named " + name);
        }
        return value;
    }

    /** Changes the settings named; all of them or, when one is wrong, none. */
    public void change(JsonObject changes) {
        Map<String, Object> checked = new TreeMap<>();
        changes.forEach(change -> checked.put(change.getKey(), checked(change.getKey(), change.getValue())));
        values.putAll(checked);
    }

    private Object checked(String name, @Nullable Object value) {
        Object known = initial.get(name);
        if (known == null) {
            throw new ControlException(400, "no setting named " + name + ", there are " + initial.keySet());
        }
        if (known instanceof Long && value instanceof Number number && !(value instanceof Double)) {
            if (number.longValue() < 0) {
                throw new ControlException(400, name + " must not be negative: " + value);
            }
            return number.longValue();
        }
        if (value != null && known.getClass() == value.getClass()) {
            return value;
        }
        throw new ControlException(400, name + " must be a " + known.getClass().getSimpleName() + ": " + value);
    }

    void reset() {
        values.putAll(initial);
    }

    public JsonObject json() {
        return new JsonObject(new TreeMap<>(values));
    }
}
