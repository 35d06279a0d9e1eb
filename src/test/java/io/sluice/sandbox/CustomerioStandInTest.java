package io.sluice.sandbox;

import static io.sluice.sandbox.SandboxServer.APP;
import static io.sluice.sandbox.SandboxServer.PIPELINES;
import static io.sluice.sandbox.SandboxServer.TRACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sandbox.http.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CustomerioStandInTest {
    private static final String V1 = "/sandbox/customerio/track/api/v1";
    private static final String V2 = "/sandbox/customerio/track/api/v2";
    private static final String APP_V1 = "/sandbox/customerio/app/v1";

    private final SandboxServer sandbox = SandboxServer.start();

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private JsonObject person(String id) {
        return sandbox.get("/sandbox/report/customerio/people")
                .json()
                .getJsonObject("people")
                .getJsonObject(id);
    }

    private JsonArray events() {
        return sandbox.get("/sandbox/report/customerio/events").json().getJsonArray("events");
    }

    private void identify(String id, JsonObject attributes) {
        assertThat(sandbox.send("PUT", V1 + "/customers/" + id, attributes, TRACK)
                        .text())
                .isEqualTo("{}");
    }

    @Test
    void an_identified_person_can_be_read_by_the_app_api() {
        identify("42", Json.of("email", "ada@example.com", "plan", "pro", "age", 36));

        JsonObject customer =
                sandbox.get(APP_V1 + "/customers/42/attributes", APP).json().getJsonObject("customer");

        assertThat(customer.getJsonObject("attributes").getString("age")).isEqualTo("36");
        assertThat(sandbox.get(APP_V1 + "/customers/ada%40example.com/attributes?id_type=email", APP)
                        .json())
                .isEqualTo(Json.of("customer", customer));
        assertThat(sandbox.get(APP_V1 + "/customers?email=ada%40example.com", APP)
                        .json()
                        .getJsonArray("results"))
                .hasSize(1);
        assertThat(sandbox.get(APP_V1 + "/customers/43/attributes", APP).status())
                .isEqualTo(404);
    }

    @Test
    void identifiers_with_encoded_slashes_stay_one_segment() {
        identify("a%2Fb", Json.of("plan", "pro"));

        assertThat(person("a/b").getJsonObject("attributes").getString("plan")).isEqualTo("pro");
    }

    @Test
    void a_late_update_does_not_overwrite_newer_values() {
        identify("42", Json.of("plan", "pro", "_timestamp", 1000));
        identify("42", Json.of("plan", "old", "extra", 1, "_timestamp", 999));

        assertThat(person("42").getJsonObject("attributes").encode()).isEqualTo("{\"plan\":\"pro\",\"extra\":1}");
    }

    @Test
    void an_update_only_never_creates() {
        identify("42", Json.of("_update", true));

        assertThat(sandbox.state("customerio").getInteger("people")).isZero();
    }

    @Test
    void an_event_whose_id_is_known_is_ignored_and_counted() {
        JsonObject event = Json.of("name", "purchase", "id", "01KDXQ5V7Z3F8W2M6N9P4R1STB", "data", Json.of("total", 1));
        sandbox.post(V1 + "/customers/42/events", event, TRACK);
        sandbox.post(V1 + "/customers/42/events", event, TRACK);
        sandbox.post(V1 + "/events", Json.of("name", "visit", "anonymous_id", "x"), TRACK);

        assertThat(events()).hasSize(2);
        assertThat(events().getJsonObject(0).getMap())
                .containsEntry("person", "42")
                .containsEntry("times", 2)
                .containsEntry("sequence", 0);
        assertThat(events().getJsonObject(1).getString("person")).isEqualTo("anonymous:x");
    }

    @Test
    void a_batch_accepts_what_is_right_and_names_what_is_wrong() {
        JsonObject identify = operation("identify").put("attributes", Json.of("plan", "pro"));
        JsonObject nameless = operation("event");
        JsonObject event = operation("event").put("name", "purchase");

        SandboxServer.Reply mixed =
                sandbox.post(V2 + "/batch", Json.of("batch", Json.array(identify, nameless, event)), TRACK);
        SandboxServer.Reply right = sandbox.post(V2 + "/batch", Json.of("batch", Json.array(identify)), TRACK);
        SandboxServer.Reply none = sandbox.post(V2 + "/batch", "{}", TRACK);

        assertThat(mixed.status()).isEqualTo(207);
        assertThat(mixed.json().getJsonArray("errors")).hasSize(1);
        assertThat(mixed.json().getJsonArray("errors").getJsonObject(0).getMap())
                .containsEntry("batch_index", 1)
                .containsEntry("reason", "invalid")
                .containsEntry("field", "name");
        assertThat(right.text()).isEqualTo("{}");
        assertThat(none.status()).isEqualTo(400);
        assertThat(events()).hasSize(1);
        assertThat(person("42").getInteger("updates")).isEqualTo(2);
    }

    private static JsonObject operation(String action) {
        return Json.of("type", "person", "identifiers", Json.of("id", "42"), "action", action);
    }

    @Test
    void a_partial_fault_refuses_some_operations_of_a_batch_for_a_reason_of_choice() {
        sandbox.post(
                "/sandbox/faults",
                Json.of(
                        "vendor", "customerio",
                        "operation", "batch",
                        "fault", "partial",
                        "indices", Json.array(0),
                        "reason", "try_later",
                        "times", 1));
        JsonObject batch = Json.of(
                "batch",
                Json.array(
                        operation("event").put("name", "one").put("id", "1"),
                        operation("event").put("name", "two").put("id", "2")));

        SandboxServer.Reply first = sandbox.post(V2 + "/batch", batch, TRACK);
        SandboxServer.Reply second = sandbox.post(V2 + "/batch", batch, TRACK);

        assertThat(first.status()).isEqualTo(207);
        assertThat(first.json().getJsonArray("errors").getJsonObject(0).getString("reason"))
                .isEqualTo("try_later");
        assertThat(second.status()).isEqualTo(200);
        assertThat(events().stream().map(event -> ((JsonObject) event).getString("id")))
                .containsExactly("2", "1");
    }

    @Test
    void a_whole_batch_is_refused_for_one_bad_operation_when_that_is_set() {
        sandbox.send("PUT", "/sandbox/settings/customerio", Json.of("batch_refuses_whole", true));

        SandboxServer.Reply refused = sandbox.post(
                V2 + "/batch",
                Json.of("batch", Json.array(operation("event").put("name", "one"), operation("dance"))),
                TRACK);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(events()).isEmpty();
    }

    @Test
    void oversized_batches_and_operations_are_refused() {
        JsonObject large = operation("identify").put("attributes", Json.of("text", "x".repeat(33_000)));
        JsonArray many = new JsonArray();
        for (int i = 0; i < 20; i++) {
            many.add(operation("identify").put("attributes", Json.of("text", "x".repeat(30_000))));
        }

        assertThat(sandbox.post(V2 + "/entity", large, TRACK).status()).isEqualTo(400);
        assertThat(sandbox.post(V2 + "/batch", Json.of("batch", Json.array(large)), TRACK)
                        .status())
                .isEqualTo(207);
        assertThat(sandbox.post(V2 + "/batch", Json.of("batch", many), TRACK).status())
                .isEqualTo(400);
    }

    @Test
    void people_can_be_merged_suppressed_and_deleted() {
        identify("1", Json.of("a", 1));
        identify("2", Json.of("b", 2));
        sandbox.post(
                V1 + "/merge_customers",
                Json.of("primary", Json.of("id", "1"), "secondary", Json.of("id", "2")),
                TRACK);

        assertThat(person("1").getJsonObject("attributes").encode()).isEqualTo("{\"a\":1,\"b\":2}");
        assertThat(person("2")).isNull();
        sandbox.send("POST", V1 + "/customers/1/suppress", null, TRACK);
        identify("1", Json.of("a", 3));
        assertThat(person("1").getJsonObject("attributes").getInteger("a")).isEqualTo(1);
        sandbox.send("DELETE", V1 + "/customers/1", null, TRACK);
        assertThat(person("1")).isNull();
    }

    @Test
    void every_send_mails_again() {
        JsonObject mail = Json.of(
                "to", "ada@example.com", "transactional_message_id", "welcome", "identifiers", Json.of("id", "42"));

        SandboxServer.Reply first = sandbox.post(APP_V1 + "/send/email", mail, APP);
        sandbox.post(APP_V1 + "/send/email", mail, APP);

        assertThat(first.json().fieldNames()).containsExactly("delivery_id", "queued_at");
        assertThat(sandbox.get("/sandbox/report/customerio/mails").json().getJsonArray("mails"))
                .hasSize(2);
        assertThat(sandbox.post(APP_V1 + "/send/email", "{}", APP)
                        .json()
                        .getJsonObject("meta")
                        .containsKey("error"))
                .isTrue();
    }

    @Test
    void broadcasts_are_one_per_ten_seconds_with_five_waiting() {
        sandbox.send("PUT", "/sandbox/settings/customerio", Json.of("broadcast_ms", 600_000));
        String triggers = APP_V1 + "/campaigns/7/triggers";
        JsonObject body = Json.of("ids", Json.array("42"));

        assertThat(sandbox.post(triggers, body, APP).json().getInteger("id")).isEqualTo(1);
        SandboxServer.Reply tooSoon = sandbox.post(triggers, body, APP);
        assertThat(tooSoon.status()).isEqualTo(429);
        assertThat(tooSoon.text()).isEmpty();
        assertThat(tooSoon.header("Retry-After")).isNull();
        for (int i = 0; i < 4; i++) {
            sandbox.advance(Duration.ofSeconds(10));
            assertThat(sandbox.post(triggers, body, APP).status()).isEqualTo(200);
        }
        sandbox.advance(Duration.ofSeconds(10));
        assertThat(sandbox.post(triggers, body, APP).status()).isEqualTo(429);
        sandbox.advance(Duration.ofMinutes(10));
        assertThat(sandbox.get(triggers + "/1", APP).json().getValue("processed_at"))
                .isNotNull();
        assertThat(sandbox.get(APP_V1 + "/broadcasts/7/triggers", APP).json().getJsonArray("triggers"))
                .hasSize(5);
    }

    @Test
    void a_broadcast_needs_exactly_one_audience_and_no_other_fields() {
        String triggers = APP_V1 + "/campaigns/7/triggers";

        assertThat(sandbox.post(triggers, "{\"recipients\":{}}", APP).status()).isEqualTo(422);
        sandbox.advance(Duration.ofSeconds(10));
        assertThat(sandbox.post(triggers, "{\"ids\":[\"1\"],\"emails\":[\"a@b.c\"]}", APP)
                        .status())
                .isEqualTo(422);
        sandbox.advance(Duration.ofSeconds(10));
        assertThat(sandbox.post(triggers, "{\"ids\":[\"1\"],\"other\":1}", APP).status())
                .isEqualTo(422);
    }

    @Test
    void an_export_is_done_after_a_while_and_its_link_works_for_fifteen_minutes() {
        identify("42", Json.of("email", "ada@example.com"));
        long id = sandbox.post(APP_V1 + "/exports/customers", "{\"filters\":{}}", APP)
                .json()
                .getJsonObject("export")
                .getLong("id");
        String export = APP_V1 + "/exports/" + id;

        assertThat(sandbox.get(export, APP).json().getJsonObject("export").getMap())
                .containsEntry("status", "pending")
                .containsEntry("total", 0);
        sandbox.advance(Duration.ofSeconds(3));
        assertThat(sandbox.get(export, APP).json().getJsonObject("export").getMap())
                .containsEntry("status", "done")
                .containsEntry("total", 1);
        String url = sandbox.get(export + "/download", APP).json().getString("url");
        String file = url.substring(url.indexOf("/sandbox"));
        assertThat(sandbox.get(file).text()).isEqualTo("cio_id,id,email\n00000001,42,ada@example.com\n");
        assertThat(sandbox.get(file + "0").status()).isEqualTo(403);
        sandbox.advance(Duration.ofMinutes(15));
        assertThat(sandbox.get(file).status()).isEqualTo(403);
    }

    @Test
    void people_are_searched_by_filter_page_by_page() {
        for (int i = 1; i <= 3; i++) {
            identify("p" + i, Json.of("plan", i == 2 ? "free" : "pro"));
        }
        JsonObject filter = new JsonObject("""
                {"filter":{"and":[{"attribute":{"field":"plan","operator":"eq","value":"pro"}},
                                  {"not":{"attribute":{"field":"missing","operator":"exists"}}}]}}""");

        JsonObject first =
                sandbox.post(APP_V1 + "/customers?limit=1", filter, APP).json();
        JsonObject second = sandbox.post(APP_V1 + "/customers?limit=1&start=" + first.getString("next"), filter, APP)
                .json();

        assertThat(first.getJsonArray("ids")).containsExactly("p1");
        assertThat(second.getJsonArray("ids")).containsExactly("p3");
        assertThat(second.getString("next")).isEmpty();
        assertThat(sandbox.post(APP_V1 + "/customers", "{\"filter\":{}}", APP).status())
                .isEqualTo(400);
    }

    @Test
    void pipelines_take_messages_and_silently_discard_large_ones() {
        String v1 = "/sandbox/customerio/pipelines/v1";
        JsonObject track = Json.of("userId", "42", "event", "purchase", "messageId", "m-1");

        assertThat(sandbox.post(v1 + "/track", track, PIPELINES).status()).isEqualTo(200);
        assertThat(sandbox.post(v1 + "/track", track, PIPELINES).status()).isEqualTo(200);
        JsonObject large = track.copy().put("messageId", "m-2").put("properties", Json.of("x", "y".repeat(33_000)));
        assertThat(sandbox.post(v1 + "/track", large, PIPELINES).status()).isEqualTo(200);
        sandbox.post(v1 + "/identify", Json.of("userId", "42", "traits", Json.of("plan", "pro")), PIPELINES);

        assertThat(events()).hasSize(1);
        assertThat(person("42").getJsonObject("attributes").getString("plan")).isEqualTo("pro");
        assertThat(sandbox.state("customerio").getInteger("pipelines_discarded"))
                .isEqualTo(1);
    }

    @Test
    void the_four_credentials_are_not_interchangeable() {
        assertThat(sandbox.send("PUT", V1 + "/customers/1", "{}", APP).status()).isEqualTo(401);
        assertThat(sandbox.get(APP_V1 + "/exports", TRACK).status()).isEqualTo(401);
        assertThat(sandbox.post("/sandbox/customerio/pipelines/v1/track", "{}", TRACK)
                        .status())
                .isEqualTo(401);
        assertThat(sandbox.get(V1 + "/accounts/region", TRACK).json().getInteger("environment_id"))
                .isEqualTo(3);
    }

    @Test
    void queries_are_ten_a_second_and_the_older_headers_can_be_switched_on() {
        sandbox.send("PUT", "/sandbox/settings/customerio", Json.of("limit_headers", true));
        SandboxServer.Reply first = sandbox.get(APP_V1 + "/exports", APP);
        for (int i = 0; i < 9; i++) {
            sandbox.get(APP_V1 + "/exports", APP);
        }

        SandboxServer.Reply refused = sandbox.get(APP_V1 + "/exports", APP);

        assertThat(first.header("X-RateLimit-Remaining")).isEqualTo("9");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("X-RateLimit-Reset")).isEqualTo("1790000001");
        assertThat(refused.header("Retry-After")).isEqualTo("1");
    }
}
