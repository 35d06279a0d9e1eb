package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.SandboxResponse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The result files of jobs: always the same bytes for the same job. */
final class ClariResults {
    private static final int ENTRIES = 20;

    private ClariResults() {}

    static SandboxResponse of(ClariJob job) {
        ClariJob.Order order = job.order();
        return switch (order.module()) {
            case "FORECAST" ->
                order.format().equals("CSV")
                        ? SandboxResponse.of(200, "text/csv", csv(order))
                        : SandboxResponse.json(200, forecast(order));
            case "ACTIVITY" -> SandboxResponse.json(200, Json.of("activities", new JsonArray()));
            default -> SandboxResponse.json(200, Json.of("items", new JsonArray()));
        };
    }

    private static JsonObject forecast(ClariJob.Order order) {
        JsonArray entries = new JsonArray();
        for (int i = 1; i <= ENTRIES; i++) {
            entries.add(Json.of(
                    "userId",
                    "user-" + i,
                    "fieldId",
                    order.subject(),
                    "timePeriodId",
                    order.period(),
                    "timeFrameId",
                    "week-1",
                    "forecastValue",
                    value(order, i),
                    "quotaValue",
                    2 * value(order, i),
                    "isUpdated",
                    true,
                    "currency",
                    Json.of("code", order.options().getString("currency", "USD"), "symbol", "$")));
        }
        return Json.of(
                "entries", entries,
                "users", Json.array(Json.of("userId", "user-1", "name", "Ada", "email", "ada@example.com")),
                "fields", Json.array(Json.of("fieldId", order.subject(), "fieldName", order.subject())),
                "timePeriods", Json.array(Json.of("timePeriodId", order.period(), "type", "QUARTER")),
                "timeFrames", Json.array(Json.of("timeFrameId", "week-1")));
    }

    private static long value(ClariJob.Order order, int entry) {
        return Math.floorMod((order.subject() + order.period()).hashCode(), 1000) * 100L + entry;
    }

    private static Buffer csv(ClariJob.Order order) {
        StringBuilder csv = new StringBuilder("userId,fieldId,timePeriodId,forecastValue\n");
        for (int i = 1; i <= ENTRIES; i++) {
            csv.append("user-%d,%s,%s,%d\n".formatted(i, order.subject(), order.period(), value(order, i)));
        }
        return Buffer.buffer(csv.toString());
    }
}
