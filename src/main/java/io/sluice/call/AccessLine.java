package io.sluice.call;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SegmentedStringWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * One line of the access log: a call that has ended. Holds neither secrets nor ids of people: the route is a template,
 * and everything else is from the configuration, from closed lists, or a number.
 *
 * @param requestId the id that the caller got in {@code Sluice-Request-Id}; {@code own_...} for calls that Sluice makes
 *     by itself
 * @param team the team that called, or on whose behalf Sluice does; absent where the caller is not authenticated
 * @param vendor absent on Sluice's own API, as the next two
 * @param route the template of the path, such as {@code /clerk/v1/users/{user_id}}; absent where no route matches
 * @param status absent if no response came
 * @param outcome one of the metrics' outcomes, or {@code denied}
 * @param attempts how many requests were sent to the vendor
 * @param durationMs from the request's arrival to the end of its response; absent for calls that Sluice makes by itself
 * @param cache the effect of the cache, as the metrics name it; absent where no cache was asked
 */
public record AccessLine(
        String requestId,
        @Nullable String team,
        @Nullable String vendor,
        @Nullable String account,
        @Nullable String operation,
        String method,
        @Nullable String route,
        @Nullable Integer status,
        String outcome,
        int attempts,
        double queueMs,
        double vendorMs,
        @Nullable Double durationMs,
        @Nullable String cache) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final double NANOS_PER_TENTH = 1e5;

    /** Returns nanoseconds as milliseconds, to a tenth. */
    public static double milliseconds(long nanos) {
        return Math.round(nanos / NANOS_PER_TENTH) / 10.0;
    }

    /** Returns the line for text logs: {@code key=value}, without what is absent. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(256);
        add(text, "request_id", requestId);
        add(text, "team", team);
        add(text, "vendor", vendor);
        add(text, "account", account);
        add(text, "operation", operation);
        add(text, "method", method);
        add(text, "route", route);
        add(text, "status", status);
        add(text, "outcome", outcome);
        add(text, "attempts", attempts);
        add(text, "queue_ms", queueMs);
        add(text, "vendor_ms", vendorMs);
        add(text, "duration_ms", durationMs);
        add(text, "cache", cache);
        return text.toString();
    }

    private static void add(StringBuilder text, String key, @Nullable Object value) {
        if (value != null) {
            text.append(text.isEmpty() ? "" : " ").append(key).append('=').append(value);
        }
    }

    /** Returns the line for JSON logs: an object that begins with the fields that every line of the log has. */
    String json(Instant at, String level, String logger) {
        try (SegmentedStringWriter text = new SegmentedStringWriter(JSON._getBufferRecycler())) {
            try (JsonGenerator json = JSON.createGenerator(text)) {
                json.writeStartObject();
                json.writeStringField("timestamp", DateTimeFormatter.ISO_INSTANT.format(at));
                json.writeStringField("level", level);
                json.writeStringField("loggerName", logger);
                json.writeStringField(
                        "message",
                        method + " " + (route == null ? "-" : route) + " " + (status == null ? outcome : status));
                json.writeStringField("request_id", requestId);
                write(json, "team", team);
                write(json, "vendor", vendor);
                write(json, "account", account);
                write(json, "operation", operation);
                json.writeStringField("method", method);
                write(json, "route", route);
                if (status != null) {
                    json.writeNumberField("status", status);
                }
                json.writeStringField("outcome", outcome);
                json.writeNumberField("attempts", attempts);
                json.writeNumberField("queue_ms", queueMs);
                json.writeNumberField("vendor_ms", vendorMs);
                if (durationMs != null) {
                    json.writeNumberField("duration_ms", durationMs);
                }
                write(json, "cache", cache);
                json.writeEndObject();
            }
            return text.getAndClear();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void write(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }
}
