package io.sluice.sandbox.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collector;
import org.jspecify.annotations.Nullable;

/** Short ways to build JSON. */
public final class Json {
    private Json() {}

    /** An object of names and values in turn. */
    public static JsonObject of(@Nullable Object... namesAndValues) {
        JsonObject json = new JsonObject();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            json.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return json;
    }

    public static JsonArray array(@Nullable Object... values) {
        JsonArray array = new JsonArray();
        for (Object value : values) {
            array.add(value);
        }
        return array;
    }

    /**
     * Reads any JSON value but null.
     *
     * @throws DecodeException when it is none
     */
    public static Object parse(Buffer bytes) {
        Object parsed = io.vertx.core.json.Json.decodeValue(bytes);
        if (parsed == null) {
            throw new DecodeException("null is not a value here");
        }
        return parsed;
    }

    /** Any JSON value as bytes. */
    public static Buffer bytes(Object value) {
        return io.vertx.core.json.Json.encodeToBuffer(value);
    }

    public static <T> Collector<T, JsonArray, JsonArray> toArray() {
        return Collector.of(JsonArray::new, JsonArray::add, JsonArray::addAll);
    }
}
