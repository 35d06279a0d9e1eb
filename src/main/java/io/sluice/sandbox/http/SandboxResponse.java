package io.sluice.sandbox.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The response of a simulated vendor. */
public record SandboxResponse(int status, Map<String, String> headers, Body body) {
    private static final String CONTENT_TYPE = "Content-Type";

    /** The bytes of a response. */
    sealed interface Body {
        record Complete(Buffer bytes) implements Body {}

        /** {@code length} bytes generated while they are sent: see {@link GeneratedBytes}. */
        record Generated(long length) implements Body {}
    }

    public static SandboxResponse json(int status, JsonObject json) {
        return of(status, "application/json", json.toBuffer());
    }

    public static SandboxResponse json(int status, JsonArray json) {
        return of(status, "application/json", json.toBuffer());
    }

    public static SandboxResponse of(int status, String contentType, Buffer bytes) {
        return new SandboxResponse(status, Map.of(CONTENT_TYPE, contentType), new Body.Complete(bytes));
    }

    /** No body and no content type. */
    public static SandboxResponse empty(int status) {
        return new SandboxResponse(status, Map.of(), new Body.Complete(Buffer.buffer()));
    }

    public static SandboxResponse generated(long length, String contentType) {
        return new SandboxResponse(200, Map.of(CONTENT_TYPE, contentType), new Body.Generated(length));
    }

    public SandboxResponse with(String name, String value) {
        return with(Map.of(name, value));
    }

    public SandboxResponse with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new SandboxResponse(status, all, body);
    }
}
