package io.sluice.sandbox.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The response of a simulated vendor. */
public record Answer(int status, Map<String, String> headers, Body body) {
    private static final String CONTENT_TYPE = "Content-Type";

    /** The bytes of a response. */
    sealed interface Body {
        record Whole(Buffer bytes) implements Body {}

        /** {@code length} bytes generated while they are sent: see {@link GeneratedBytes}. */
        record Generated(long length) implements Body {}
    }

    public static Answer json(int status, JsonObject json) {
        return of(status, "application/json", json.toBuffer());
    }

    public static Answer json(int status, JsonArray json) {
        return of(status, "application/json", json.toBuffer());
    }

    public static Answer of(int status, String contentType, Buffer bytes) {
        return new Answer(status, Map.of(CONTENT_TYPE, contentType), new Body.Whole(bytes));
    }

    /** No body and no content type. */
    public static Answer empty(int status) {
        return new Answer(status, Map.of(), new Body.Whole(Buffer.buffer()));
    }

    public static Answer generated(long length, String contentType) {
        return new Answer(200, Map.of(CONTENT_TYPE, contentType), new Body.Generated(length));
    }

    public Answer with(String name, String value) {
        return with(Map.of(name, value));
    }

    public Answer with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, all, body);
    }
}
