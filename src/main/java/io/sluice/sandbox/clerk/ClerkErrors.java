package io.sluice.sandbox.clerk;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Clerk's one error envelope. The codes are the vendor's, the sentences ours. */
final class ClerkErrors {
    private static final AtomicLong TRACES = new AtomicLong();

    private ClerkErrors() {}

    static SandboxResponse of(int status, String code, String message, @Nullable JsonObject meta) {
        JsonObject error = Json.of("code", code, "message", message, "long_message", message + ".");
        if (meta != null) {
            error.put("meta", meta);
        }
        return SandboxResponse.json(
                status,
                Json.of("errors", Json.array(error), "clerk_trace_id", "trace_sandbox_" + TRACES.incrementAndGet()));
    }

    static SandboxResponse notFound(String what, String id) {
        return of(404, "resource_not_found", "no " + what + " with this id: " + id, null);
    }

    static SandboxResponse parameter(int status, String code, String message, String parameter) {
        return of(status, code, message, Json.of("param_name", parameter));
    }

    /** The refusal of a value that must be unique and is taken. */
    static RefusedException taken(String parameter) {
        return new RefusedException(
                parameter(422, "form_identifier_exists", "that " + parameter + " is taken", parameter));
    }

    static RefusedException invalid(String parameter, String message) {
        return new RefusedException(parameter(422, "form_param_value_invalid", message, parameter));
    }
}
