package io.sluice.sandbox.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A fault injected by a test into calls of a simulated vendor.
 *
 * @param times how often it may strike; {@link Long#MAX_VALUE} for always
 */
public record Fault(
        Kind kind,
        String vendor,
        @Nullable String operation,
        @Nullable String method,
        @Nullable Pattern path,
        long times,
        double probability,
        int status,
        Map<String, String> headers,
        @Nullable Object body,
        long delayMs,
        JsonObject asked) {

    enum Kind {
        /** A response with this status; the work is not done. */
        STATUS,
        /** The connection closed, before the body was read; the work is not done. */
        RESET,
        /** No response until the caller disconnects; the work is not done. */
        HANG,
        /** The work and its response, {@code delay_ms} late. */
        SLOW,
        /** The work done, and the connection closed in place of the response. */
        LOST_ANSWER,
        /** The work done, and the connection closed in the middle of the response's body. */
        CUT_ANSWER,
        /** A batch of which only the operations at {@code indices} are refused, for {@code reason}. */
        PARTIAL;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public static Kind of(String word) {
            for (Kind kind : values()) {
                if (kind.word().equals(word)) {
                    return kind;
                }
            }
            throw new ControlException(
                    400,
                    "no fault named " + word
                            + ", there are status, reset, hang, slow, lost-answer, cut-answer, partial");
        }
    }

    private static final List<String> FIELDS = List.of(
            "vendor",
            "operation",
            "method",
            "path",
            "fault",
            "status",
            "headers",
            "body",
            "delay_ms",
            "times",
            "probability",
            "indices",
            "reason");

    /**
     * Parses a fault from JSON.
     *
     * @throws ControlException if a field is missing, unknown or out of range
     */
    public static Fault of(JsonObject asked) {
        for (String field : asked.fieldNames()) {
            if (!FIELDS.contains(field)) {
                throw new ControlException(400, "a fault has no field " + field + ", there are " + FIELDS);
            }
        }
        try {
            return new Fault(
                    Kind.of(required(asked, "fault")),
                    required(asked, "vendor"),
                    asked.getString("operation"),
                    asked.getString("method"),
                    pattern(asked.getString("path")),
                    within("times", asked.getLong("times", Long.MAX_VALUE), 1, Long.MAX_VALUE),
                    probability(asked.getDouble("probability", 1.0)),
                    (int) within("status", asked.getLong("status", 503L), 100, 599),
                    headers(asked.getJsonObject("headers", new JsonObject())),
                    asked.getValue("body"),
                    within("delay_ms", asked.getLong("delay_ms", 1000L), 0, 3_600_000),
                    asked);
        } catch (ClassCastException wrongType) {
            throw new ControlException(400, "a field of the fault has the wrong type: " + wrongType.getMessage());
        }
    }

    private static String required(JsonObject asked, String field) {
        String value = asked.getString(field);
        if (value == null) {
            throw new ControlException(400, "a fault needs the field " + field);
        }
        return value;
    }

    private static @Nullable Pattern pattern(@Nullable String regex) {
        try {
            return regex == null ? null : Pattern.compile(regex);
        } catch (PatternSyntaxException wrong) {
            throw new ControlException(400, "path is not a regular expression: " + wrong.getMessage());
        }
    }

    private static long within(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new ControlException(400, "%s must be from %d to %d: %d".formatted(field, least, most, value));
        }
        return value;
    }

    private static double probability(double value) {
        if (!(value > 0 && value <= 1)) {
            throw new ControlException(400, "probability must be above 0 and at most 1: " + value);
        }
        return value;
    }

    private static Map<String, String> headers(JsonObject asked) {
        Map<String, String> headers = new LinkedHashMap<>();
        asked.forEach(header -> headers.put(header.getKey(), String.valueOf(header.getValue())));
        return headers;
    }

    /** True if the fault applies to this call; {@code path} may match anywhere in the raw path with its mount. */
    boolean concerns(String callVendor, String callOperation, String callMethod, String rawPath) {
        return vendor.equals(callVendor)
                && (operation == null || operation.equals(callOperation))
                && (method == null || method.equals(callMethod))
                && (path == null || path.matcher(rawPath).find());
    }

    /** The response of a {@link Kind#STATUS} fault. */
    SandboxResponse answer() {
        if (body == null) {
            return SandboxResponse.empty(status).with(headers);
        }
        if (body instanceof String text) {
            return SandboxResponse.of(status, "text/plain", Buffer.buffer(text)).with(headers);
        }
        return SandboxResponse.of(status, "application/json", Json.bytes(body)).with(headers);
    }

    /** The operations of a batch that a {@link Kind#PARTIAL} fault refuses. */
    JsonObject partial() {
        return Json.of(
                "indices", asked.getJsonArray("indices", new JsonArray().add(0)),
                "reason", asked.getString("reason", "rate_limited"));
    }
}
