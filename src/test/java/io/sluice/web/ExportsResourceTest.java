package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.sluice.gateway.Caller;
import io.sluice.gateway.Caller.Reply;
import io.sluice.gateway.Eager;
import io.sluice.gateway.Management;
import io.sluice.gateway.StubVendors;
import io.sluice.store.Database;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exports over HTTP, from the order to the file, with the stand-ins of Clari and Customer.io. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Eager.class)
@SuppressWarnings("NullAway.Init") // injected
class ExportsResourceTest {
    private static final String JSON = "Content-Type: application/json";
    private static final int LOOKS = 1_200;

    @Inject
    Database database;

    @ConfigProperty(name = "sluice.data-dir")
    Path data;

    @BeforeEach
    void reset() throws IOException {
        Caller.call("POST", "/sandbox/reset");
        settings("clari", """
                {"scheduled_ms":0,"started_ms":100,"concurrent_limit":3,"monthly_quota":1000,"done_state":"DONE",
                 "job_envelope":false}""");
        settings("customerio", "{\"export_ms\":100}");
    }

    // From the order to the file.

    @ParameterizedTest
    @CsvSource({"false, DONE", "true, DONE", "false, COMPLETED", "true, COMPLETED"})
    void an_export_of_clari_comes_with_all_its_files(boolean envelope, String doneState) throws IOException {
        settings("clari", "{\"job_envelope\":%s,\"done_state\":\"%s\"}".formatted(envelope, doneState));
        String forecast = "whole_" + envelope + "_" + doneState;

        Reply ordered = order(Caller.BULK, clari(forecast, "\"2025_Q3\",\"2025_Q4\""));
        JsonObject done = untilOver(id(ordered));

        assertThat(ordered.status()).isEqualTo(202);
        assertThat(ordered.header("Location")).isEqualTo("/api/exports/" + id(ordered));
        assertThat(done.getString("state")).isEqualTo("done");
        assertThat(done.getJsonObject("progress"))
                .isEqualTo(new JsonObject().put("parts", 2).put("done", 2).put("failed", 0));
        JsonObject part = part(done, 0);
        assertThat(part.getString("part")).isEqualTo("2025_Q3");
        assertThat(part.getBoolean("rows_truncated")).isFalse();
        Reply file = Caller.call("GET", part.getString("result"), Caller.BULK);
        assertThat(file.status()).isEqualTo(200);
        assertThat(file.body()).contains("\"timePeriodId\":\"2025_Q3\"").hasSize(part.getInteger("bytes"));
        assertThat(file.header("Content-Type")).startsWith("application/json");
        assertThat(file.header("ETag")).isEqualTo('"' + part.getString("sha256") + '"');
        assertThat(file.header("Content-Disposition")).startsWith("attachment; filename=\"clari_export_");
        assertThat(file.header("Repr-Digest")).startsWith("sha-256=:");
    }

    @Test
    void an_export_of_customerio_comes_with_its_file() throws IOException {
        Reply ordered = order(
                Caller.BULK, "{\"vendor\":\"customerio\",\"type\":\"customers\",\"options\":{\"filters\":{\"a\":1}}}");

        JsonObject done = untilOver(id(ordered));

        assertThat(done.getString("state")).isEqualTo("done");
        Reply file = Caller.call("GET", part(done, 0).getString("result"), Caller.BULK);
        assertThat(file.body()).startsWith("cio_id,id,email");
        assertThat(file.header("Content-Disposition")).contains("customers.csv");
    }

    @Test
    void a_job_that_fails_at_the_vendor_is_told_with_its_words() throws IOException {
        JsonObject failed = untilOver(id(order(Caller.BULK, clari("failing_forecast", "\"2025_Q1\""))));

        assertThat(failed.getString("state")).isEqualTo("failed");
        JsonObject error = part(failed, 0).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("urn:sluice:problem:export-failed");
        assertThat(error.getString("detail")).contains("FAILED").contains("failed on request");
    }

    @Test
    void an_order_that_the_vendor_refuses_is_told_with_its_words() throws IOException {
        JsonObject failed = untilOver(id(order(Caller.BULK, clari("no_such_forecast", "\"2025_Q1\""))));

        JsonObject error = part(failed, 0).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("urn:sluice:problem:export-refused");
        assertThat(error.getString("detail")).contains("no_such_forecast");
    }

    @Test
    void a_quota_that_is_used_up_is_told_apart_from_slots() throws IOException {
        untilOver(id(order(Caller.BULK, clari("quota_before", "\"2025_Q1\""))));
        settings("clari", "{\"monthly_quota\":1}");

        JsonObject failed = untilOver(id(order(Caller.BULK, clari("quota_after", "\"2025_Q1\""))));

        JsonObject error = part(failed, 0).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("urn:sluice:problem:quota-exhausted");
        assertThat(error.getString("until")).isNotNull();
    }

    @Test
    void limits_and_metrics_say_what_clari_says_is_left() throws IOException {
        settings("clari", "{\"concurrent_limit\":100,\"started_ms\":0}");
        for (int export = 0; export < 41; export++) {
            String elsewhere = "/sandbox/clari/v4/export/forecast/elsewhere_" + export;
            // Again where it came too soon after the last.
            waitFor(() -> Caller.callWith("{}", "POST", elsewhere, "apikey: sandbox-clari-key", JSON)
                            .status()
                    == 200);
        }
        // One runs and one waits for its slot, so that Clari is asked every second.
        settings("clari", "{\"concurrent_limit\":1,\"started_ms\":600000}");
        String id = id(order(Caller.BULK, clari("left", "\"2025_Q1\",\"2025_Q2\"")));
        until(id, export -> "running".equals(part(export, 0).getString("state")));

        waitFor(() -> quota().getLong("remaining") == 958);

        assertThat(quota().getLong("permits")).isEqualTo(1000);
        assertThat(quota().getLong("used") + quota().getLong("foreign")).isEqualTo(42);
        waitFor(() -> Management.metrics()
                .lines()
                .anyMatch(line -> line.matches(
                        "sluice_(limit_)?permits_remaining\\{.*limit=\"export-quota\".*vendor=\"clari\".*} 958\\.0")));
        Caller.call("DELETE", "/api/exports/" + id, Caller.BULK);
    }

    private static JsonObject quota() throws IOException {
        return new JsonObject(Caller.call("GET", "/api/limits/clari/default", Caller.BULK)
                        .body())
                .getJsonArray("limits").stream()
                        .map(JsonObject.class::cast)
                        .filter(limit -> limit.getString("limit").equals("export-quota"))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void more_parts_than_slots_are_made_one_after_the_other() throws IOException {
        settings("clari", "{\"concurrent_limit\":1}");

        JsonObject done = untilOver(id(order(Caller.BULK, clari("slots", "\"2025_Q1\",\"2025_Q2\",\"2025_Q3\""))));

        assertThat(done.getString("state")).isEqualTo("done");
    }

    @Test
    void a_cancelled_export_is_cancelled_at_the_vendor() throws IOException {
        settings("clari", "{\"started_ms\":600000}");
        String id = id(order(Caller.BULK, clari("cancelled", "\"2025_Q1\",\"2025_Q2\"")));
        until(id, export -> "running".equals(part(export, 0).getString("state")));

        Reply cancelled = Caller.call("DELETE", "/api/exports/" + id, Caller.BULK);

        assertThat(cancelled.status()).isEqualTo(200);
        assertThat(new JsonObject(cancelled.body()).getString("state")).isEqualTo("cancelled");
        waitFor(() -> {
            JsonObject states =
                    new JsonObject(Caller.call("GET", "/sandbox/report/clari").body());
            return !states.encode().contains("\"STARTED\"") && states.encode().contains("\"ABORTED\"");
        });
        assertThat(Caller.call("GET", "/api/exports/" + id + "/parts/2025_Q1/result", Caller.BULK)
                        .status())
                .isEqualTo(409);
    }

    // Orders that cannot be.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'vendor':'clari','forecast':'f','periods':['2026_Q5']} | 422",
                "{'vendor':'clari','forecast':'f','periods':['2026_Q1'],'timePeriod':'x'} | 422",
                "{'vendor':'clari','forecast':'f'} | 422",
                "{'vendor':'clari','account':'nobody','forecast':'f','periods':['2026_Q1']} | 422",
                "{'vendor':'clari','account':null,'forecast':'f','periods':['2026_Q1']} | 422",
                "{'vendor':'clerk','forecast':'f','periods':['2026_Q1']} | 422",
                "{'vendor':7} | 422",
                "{'vendor':'customerio','type':'customers'} | 422",
                "{'vendor':'customerio','type':'segments','options':{}} | 422",
                "{'vendor':'customerio','type':'deliveries','options':{'begin':1}} | 422",
                "{} | 422",
                "{'vendor': | 400"
            })
    void an_order_that_makes_no_sense_spends_nothing(String order, int status) throws IOException {
        Reply reply = order(Caller.BULK, order.replace('\'', '"'));

        assertThat(reply.status()).as(reply.body()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(new JsonObject(
                                Caller.call("GET", "/sandbox/report/clari/jobs").body())
                        .getJsonArray("parts"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "\"x\"", "7"})
    void an_order_is_an_object(String order) throws IOException {
        assertThat(order(Caller.BULK, order).status()).isBetween(400, 422);
    }

    @Test
    void a_team_that_may_not_call_the_vendor_may_not_order_there() throws IOException {
        assertThat(order(StubVendors.READER, clari("f", "\"2026_Q1\"")).status())
                .isEqualTo(403);
        assertThat(order("X-Nothing: 1", clari("f", "\"2026_Q1\"")).status()).isEqualTo(401);
    }

    // Who sees what.

    @Test
    void a_team_sees_its_own_exports_and_an_admin_all() throws IOException {
        String bulks = id(order(Caller.BULK, clari("seen_bulk", "\"2025_Q1\"")));
        String devs = id(order(Caller.DEV, clari("seen_dev", "\"2025_Q1\"")));
        untilOver(bulks);

        assertThat(Caller.call("GET", "/api/exports/" + devs, Caller.BULK).status())
                .isEqualTo(404);
        assertThat(Caller.call("DELETE", "/api/exports/" + devs, Caller.BULK).status())
                .isEqualTo(404);
        assertThat(Caller.call("GET", "/api/exports/" + devs + "/parts/2025_Q1/result", Caller.BULK)
                        .status())
                .isEqualTo(404);
        assertThat(Caller.call("GET", "/api/exports/" + bulks, Caller.DEV).status())
                .isEqualTo(200);
        assertThat(Caller.call("GET", "/api/exports?limit=200", Caller.BULK).body())
                .contains(bulks)
                .doesNotContain(devs);
        assertThat(Caller.call("GET", "/api/exports?limit=200", Caller.DEV).body())
                .contains(bulks, devs);
        assertThat(Caller.call("GET", "/api/exports/exp_unknown", Caller.DEV).status())
                .isEqualTo(404);
    }

    @Test
    void an_export_says_what_was_ordered_alone_and_in_lists() throws IOException {
        String clari = id(order(
                Caller.BULK,
                "{\"vendor\":\"clari\",\"forecast\":\"ordered\",\"periods\":[\"2025_Q1\",\"2025_Q2\"],"
                        + "\"options\":{\"currency\":\"EUR\"}}"));
        String customerio = id(order(
                Caller.BULK, "{\"vendor\":\"customerio\",\"type\":\"customers\",\"options\":{\"filters\":{\"a\":1}}}"));

        JsonArray listed = new JsonObject(
                        Caller.call("GET", "/api/exports?limit=2", Caller.BULK).body())
                .getJsonArray("exports");

        assertThat(listed.getJsonObject(0).getString("id")).isEqualTo(customerio);
        assertThat(listed.getJsonObject(0).getString("type")).isEqualTo("customers");
        assertThat(listed.getJsonObject(0).getJsonObject("options"))
                .isEqualTo(new JsonObject().put("filters", new JsonObject().put("a", 1)));
        assertThat(listed.getJsonObject(0).containsKey("forecast")).isFalse();
        JsonObject alone = new JsonObject(
                Caller.call("GET", "/api/exports/" + clari, Caller.BULK).body());
        for (JsonObject shown : List.of(listed.getJsonObject(1), alone)) {
            assertThat(shown.getString("id")).isEqualTo(clari);
            assertThat(shown.getString("forecast")).isEqualTo("ordered");
            assertThat(shown.containsKey("type")).isFalse();
            assertThat(shown.getJsonObject("options"))
                    .isEqualTo(new JsonObject()
                            .put(
                                    "typesToExport",
                                    new JsonArray().add("forecast").add("forecast_updated"))
                            .put("currency", "EUR")
                            .put("schedule", "NONE")
                            .put("includeHistorical", false)
                            .put("exportFormat", "JSON"));
        }
    }

    @Test
    void exports_are_listed_page_by_page() throws IOException {
        for (int i = 0; i < 3; i++) {
            order(Caller.BULK, clari("listed_" + i, "\"2025_Q1\""));
        }

        JsonObject first = new JsonObject(
                Caller.call("GET", "/api/exports?limit=2", Caller.BULK).body());
        JsonObject second =
                new JsonObject(Caller.call("GET", "/api/exports?limit=2&cursor=" + first.getString("next"), Caller.BULK)
                        .body());

        assertThat(first.getJsonArray("exports")).hasSize(2);
        assertThat(second.getJsonArray("exports").getJsonObject(0).getString("id"))
                .isLessThan(first.getString("next"));
        assertThat(Caller.call("GET", "/api/exports?state=nonsense", Caller.BULK)
                        .status())
                .isEqualTo(422);
        assertThat(Caller.call("GET", "/api/exports?limit=0", Caller.BULK).status())
                .isBetween(400, 422);
    }

    // Once, and again.

    @Test
    void an_idempotency_key_has_the_first_answer_repeated() throws IOException {
        String key = "Idempotency-Key: key-1";
        Reply first = order(Caller.BULK, clari("keyed", "\"2025_Q1\""), key);
        untilOver(id(first));

        Reply second = order(Caller.BULK, clari("keyed", "\"2025_Q1\""), key);
        Reply other = order(Caller.BULK, clari("keyed", "\"2025_Q2\""), key);
        Reply others = order(Caller.DEV, clari("keyed", "\"2025_Q2\""), key);

        assertThat(second.status()).isEqualTo(202);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.body()).contains("idempotency-key-reused");
        assertThat(others.status()).isEqualTo(202);
        untilOver(id(others));
    }

    @Test
    void an_equal_order_is_met_by_the_file_that_is_there_unless_it_must_be_new() throws IOException {
        JsonObject first = untilOver(id(order(Caller.BULK, clari("fresh", "\"2025_Q1\""))));
        JsonObject second =
                new JsonObject(order(Caller.DEV, clari("fresh", "\"2025_Q1\"")).body());
        JsonObject third = untilOver(id(order(Caller.DEV, clari("fresh", "\"2025_Q1\""), "Cache-Control: no-cache")));

        assertThat(second.getString("state")).isEqualTo("done");
        assertThat(part(second, 0).getString("vendor_job_id"))
                .isEqualTo(part(first, 0).getString("vendor_job_id"));
        assertThat(part(third, 0).getString("vendor_job_id"))
                .isNotEqualTo(part(first, 0).getString("vendor_job_id"));
    }

    // Files.

    @Test
    void a_file_is_given_in_parts_and_not_twice() throws IOException {
        JsonObject part = part(untilOver(id(order(Caller.BULK, clari("ranged", "\"2025_Q1\"")))), 0);
        String result = part.getString("result");
        int bytes = part.getInteger("bytes");
        String whole = Caller.call("GET", result, Caller.BULK).body();
        String tag = '"' + part.getString("sha256") + '"';

        Reply some = Caller.call("GET", result, Caller.BULK, "Range: bytes=5-14");
        Reply tail = Caller.call("GET", result, Caller.BULK, "Range: bytes=-7", "If-Range: " + tag);
        Reply changed = Caller.call("GET", result, Caller.BULK, "Range: bytes=5-14", "If-Range: \"other\"");
        Reply beyond = Caller.call("GET", result, Caller.BULK, "Range: bytes=" + bytes + "-");
        Reply known = Caller.call("GET", result, Caller.BULK, "If-None-Match: " + tag);

        assertThat(some.status()).isEqualTo(206);
        assertThat(some.header("Content-Range")).isEqualTo("bytes 5-14/" + bytes);
        assertThat(some.body()).isEqualTo(whole.substring(5, 15));
        assertThat(tail.body()).isEqualTo(whole.substring(bytes - 7));
        assertThat(changed.status()).isEqualTo(200);
        assertThat(beyond.status()).isEqualTo(416);
        assertThat(beyond.header("Content-Range")).isEqualTo("bytes */" + bytes);
        assertThat(known.status()).isEqualTo(304);
        assertThat(Caller.call("GET", result.replace("2025_Q1", "2025_Q2"), Caller.BULK)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void a_file_that_is_not_there_yet_conflicts() throws IOException {
        settings("clari", "{\"started_ms\":600000}");
        String id = id(order(Caller.BULK, clari("early", "\"2025_Q1\"")));

        assertThat(Caller.call("GET", "/api/exports/" + id + "/parts/2025_Q1/result", Caller.BULK)
                        .status())
                .isEqualTo(409);
        Caller.call("DELETE", "/api/exports/" + id, Caller.BULK);
    }

    @Test
    void a_file_that_is_kept_no_longer_is_gone() throws IOException {
        JsonObject done = untilOver(id(order(Caller.BULK, clari("gone", "\"2025_Q1\""))));
        String result = part(done, 0).getString("result");

        database.inTransaction(connection -> {
            try (var update =
                    connection.prepareStatement("UPDATE export_job SET file_until = 1 WHERE vendor_job_id = ?")) {
                update.setString(1, part(done, 0).getString("vendor_job_id"));
                return update.executeUpdate();
            }
        });

        assertThat(Caller.call("GET", result, Caller.BULK).status()).isEqualTo(410);
    }

    @Test
    void a_file_that_was_lost_is_fetched_again() throws IOException {
        String id = id(order(Caller.BULK, clari("lost", "\"2025_Q1\"")));
        String result = part(untilOver(id), 0).getString("result");
        try (Stream<Path> files = Files.list(data.resolve("exports"))) {
            for (Path file : files.toList()) {
                // An export of another test may be about to give its own another name.
                Files.deleteIfExists(file);
            }
        }

        Reply lost = Caller.call("GET", result, Caller.BULK);
        JsonObject again = untilOver(id);

        assertThat(lost.status()).isEqualTo(503);
        assertThat(lost.header("Retry-After")).isEqualTo("10");
        assertThat(again.getString("state")).isEqualTo("done");
        assertThat(Caller.call("GET", part(again, 0).getString("result"), Caller.BULK)
                        .status())
                .isEqualTo(200);
    }

    // How it is told.

    private static String clari(String forecast, String periods) {
        return "{\"vendor\":\"clari\",\"forecast\":\"%s\",\"periods\":[%s]}".formatted(forecast, periods);
    }

    private static Reply order(String team, String order, String... headers) throws IOException {
        String[] all = Stream.concat(Stream.of(team, JSON), Stream.of(headers)).toArray(String[]::new);
        return Caller.callWith(order, "POST", "/api/exports", all);
    }

    private static void settings(String vendor, String settings) throws IOException {
        Reply reply = Caller.callWith(settings, "PUT", "/sandbox/settings/" + vendor, JSON);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }

    private static String id(Reply ordered) {
        assertThat(ordered.status()).as(ordered.body()).isEqualTo(202);
        return new JsonObject(ordered.body()).getString("id");
    }

    private static JsonObject part(JsonObject export, int index) {
        JsonArray parts = export.getJsonArray("parts");
        return parts.getJsonObject(index);
    }

    private static JsonObject look(String id) throws IOException {
        return new JsonObject(
                Caller.call("GET", "/api/exports/" + id, Caller.DEV).body());
    }

    private static JsonObject untilOver(String id) throws IOException {
        return until(id, export -> !export.getString("state").matches("queued|running"));
    }

    private static JsonObject until(String id, Predicate<JsonObject> there) throws IOException {
        waitFor(() -> there.test(look(id)));
        return look(id);
    }

    /** Asked again and again, for a minute at least. */
    private interface Asked {
        boolean answer() throws IOException;
    }

    private static void waitFor(Asked asked) throws IOException {
        for (int looks = 0; !asked.answer(); looks++) {
            assertThat(looks).as("looks").isLessThan(LOOKS);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
