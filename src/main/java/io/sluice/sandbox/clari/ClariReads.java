package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Clari's reads that need no job: audit events, opportunities and the forecast read. Generated from numbers. */
final class ClariReads {
    private static final int MOST_OPPORTUNITIES = 100;
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

    private ClariReads() {}

    /** A page of audit events, with an absolute link back to this mount. */
    static SandboxResponse auditEvents(Call call, long total) {
        long limit = call.queryNumber("limit", 100);
        if (limit < 1 || limit > 1000) {
            return ClariErrors.list(400, "bad_request", "limit must be from 1 to 1000", "limit");
        }
        long offset = call.queryNumber("pageToken", 0);
        JsonArray items = new JsonArray();
        for (long i = offset; i < Math.min(total, offset + limit); i++) {
            items.add(event(i));
        }
        return SandboxResponse.json(
                200,
                Json.of(
                        "items",
                        items,
                        "actors",
                        Json.array(Json.of("id", "7", "name", "Ada", "email", "ada@example.com")),
                        "nextLink",
                        offset + limit < total ? nextLink(call, limit, offset + limit) : null));
    }

    private static JsonObject event(long number) {
        return Json.of(
                "event", "LOGIN",
                "actorId", "7",
                "sessionId", "session-" + number,
                "sessionType", "WEB",
                "time", FIRST.plus(Duration.ofMinutes(number)).toString());
    }

    private static @Nullable String nextLink(Call call, long limit, long offset) {
        return "%s%s?limit=%d&pageToken=%d".formatted(call.base(), call.path(), limit, offset);
    }

    static SandboxResponse opportunities(Call call) {
        List<String> ids = call.queries("oppId");
        if (ids.isEmpty() || ids.size() > MOST_OPPORTUNITIES) {
            return ClariErrors.list(400, "bad_request", "from 1 to %d oppId".formatted(MOST_OPPORTUNITIES), "oppId");
        }
        return SandboxResponse.json(
                200,
                ids.stream()
                        .map(id -> Json.of("oppId", id, "name", "Opportunity " + id))
                        .collect(Json.toArray()));
    }

    /** The forecast read of older clients, absent from the vendor's documents. */
    static SandboxResponse forecast(Call call) {
        String period = call.query("timePeriod");
        return SandboxResponse.json(
                200,
                Json.of(
                        "forecastId", call.parameter("forecast"),
                        "timePeriods", Json.array(Json.of("timePeriodId", period)),
                        "entries", new JsonArray()));
    }
}
