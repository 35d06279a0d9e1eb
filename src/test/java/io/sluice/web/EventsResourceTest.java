package io.sluice.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.sluice.gateway.Eager;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The event stream over HTTP. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Eager.class)
@Timeout(120)
@SuppressWarnings("NullAway.Init") // injected
class EventsResourceTest {
    @TestHTTPResource("/api/")
    URI api;

    @Inject
    EventStreams streams;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void reset() {
        given().post("/sandbox/reset").then().statusCode(204);
        given().contentType("application/json")
                .body("{\"scheduled_ms\":0,\"started_ms\":100}")
                .put("/sandbox/settings/clari")
                .then()
                .statusCode(200);
    }

    @Test
    void an_export_is_seen_from_its_order_to_its_end_with_what_was_ordered() throws Exception {
        try (Events events = open("bulk-key", "topics=exports")) {
            events.until("exports", summary -> true);
            String id = order("bulk-key", "seen_to_its_end");

            JsonObject done = events.until("export", is(id, "done"));

            assertThat(done.getString("forecast")).isEqualTo("seen_to_its_end");
            assertThat(done.getJsonObject("options").getString("exportFormat")).isEqualTo("JSON");
            assertThat(done.getJsonArray("parts")).hasSize(1);
            assertThat(events.answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
            assertThat(events.answer.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        }
    }

    @Test
    void the_stream_of_one_export_is_kept_out_of_caches_and_buffers_too() throws Exception {
        String id = order("bulk-key", "not_buffered");

        Response stream = given().header("Authorization", "Bearer bulk-key").get("/api/exports/" + id + "/events");

        assertThat(stream.header("Cache-Control")).isEqualTo("no-store");
        assertThat(stream.header("X-Accel-Buffering")).isEqualTo("no");
        assertThat(stream.asString()).contains("event:part", "event:export");
    }

    @Test
    void a_stream_begins_with_what_is_under_way_and_says_when_that_is_all() throws Exception {
        given().contentType("application/json").body("{\"started_ms\":60000}").put("/sandbox/settings/clari");
        String id = order("bulk-key", "under_way_before");

        try (Events events = open("bulk-key", "topics=exports")) {
            assertThat(events.next()).satisfies(event -> {
                assertThat(event.name).isEqualTo("export");
                assertThat(event.data.getString("id")).isEqualTo(id);
            });
            assertThat(events.next()).satisfies(event -> {
                assertThat(event.name).isEqualTo("exports");
                assertThat(event.data)
                        .isEqualTo(new JsonObject().put("under_way", 1).put("more", false));
            });
        } finally {
            cancel(id);
        }
    }

    @Test
    void a_team_sees_its_own_and_an_admin_all_or_one_teams() throws Exception {
        try (Events all = open("dev-key", "topics=exports");
                Events own = open("dev-key", "topics=exports&team=dev");
                Events bulk = open("bulk-key", "topics=exports&team=bulk")) {
            String ofBulk = order("bulk-key", "whose_of_bulk");
            String ofDev = order("dev-key", "whose_of_dev");

            all.until("export", is(ofBulk, "done"));
            own.until("export", is(ofDev, "done"));
            bulk.until("export", is(ofBulk, "done"));

            assertThat(own.seen()).doesNotContain(ofBulk);
            assertThat(bulk.seen()).doesNotContain(ofDev);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', 400, bad-request, topics is missing; there are [exports]",
        "'?topics=exports,weather', 400, bad-request, there is no topic weather; there are [exports]",
        "?topics=exports&team=dev, 403, forbidden, only an admin may see exports of other teams",
    })
    void a_stream_that_cannot_be_is_refused_with_a_problem(String query, int status, String type, String detail) {
        Response refused = given().header("Authorization", "Bearer bulk-key").get("/api/events" + query);

        assertThat(refused.statusCode()).isEqualTo(status);
        assertThat(refused.contentType()).startsWith("application/problem+json");
        assertThat(refused.jsonPath().getString("type")).isEqualTo("urn:sluice:problem:" + type);
        assertThat(refused.jsonPath().getString("detail")).isEqualTo(detail);
    }

    @Test
    void a_stream_needs_a_key() {
        given().get("/api/events?topics=exports").then().statusCode(401);
    }

    @Test
    void a_team_with_all_its_streams_open_is_refused_until_one_is_closed() throws Exception {
        Events first = open("bulk-key", "topics=exports");
        try (Events second = open("bulk-key", "topics=exports")) {
            Response refused =
                    given().header("Authorization", "Bearer bulk-key").get("/api/events?topics=exports");
            first.close();
            untilOpen(1);

            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("30");
            assertThat(refused.jsonPath().getString("type")).isEqualTo("urn:sluice:problem:too-many-requests");
            try (Events third = open("bulk-key", "topics=exports")) {
                third.until("exports", summary -> true);
            }
            second.until("exports", summary -> true);
        }
    }

    private void untilOpen(int expected) {
        // A closed connection is noticed by the event loop, soon but not at once.
        while (streams.open() != expected) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static String order(String key, String forecast) {
        return given().header("Authorization", "Bearer " + key)
                .header("Cache-Control", "no-cache")
                .contentType("application/json")
                .body(new JsonObject()
                        .put("vendor", "clari")
                        .put("forecast", forecast)
                        .put("periods", List.of("2026_Q1"))
                        .encode())
                .post("/api/exports")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static void cancel(String id) {
        given().header("Authorization", "Bearer dev-key").delete("/api/exports/" + id);
    }

    private static Predicate<JsonObject> is(String id, String state) {
        return export ->
                export.getString("id").equals(id) && export.getString("state").equals(state);
    }

    private Events open(String key, String query) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = http.send(
                HttpRequest.newBuilder(api.resolve("events?" + query))
                        .header("Authorization", "Bearer " + key)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        return new Events(answer);
    }

    private record Event(String name, JsonObject data) {}

    /** An open stream. */
    private static final class Events implements AutoCloseable {
        private final HttpResponse<InputStream> answer;
        private final BufferedReader lines;
        private final Set<String> seen = new HashSet<>();

        Events(HttpResponse<InputStream> answer) {
            this.answer = answer;
            this.lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        }

        Event next() throws IOException {
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event:")) {
                    name = line.substring("event:".length());
                } else if (line.startsWith("data:")) {
                    JsonObject data = new JsonObject(line.substring("data:".length()));
                    seen.add(String.valueOf(data.getString("id")));
                    return new Event(name, data);
                }
            }
            throw new IOException("the stream has ended");
        }

        JsonObject until(String name, Predicate<JsonObject> wanted) throws IOException {
            for (Event event = next(); ; event = next()) {
                if (event.name.equals(name) && wanted.test(event.data)) {
                    return event.data;
                }
            }
        }

        /** Ids of the exports that events told of. */
        Set<String> seen() {
            return seen;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
