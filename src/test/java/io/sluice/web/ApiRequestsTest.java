package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.gateway.Caller;
import io.sluice.gateway.Caller.Reply;
import io.sluice.gateway.StubVendors;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all endpoints of Sluice's own API have in common: bodies, methods, media types, refused credentials. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
class ApiRequestsTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String LIMIT = "/api/limits/clerk/stub/instance";

    /** An endpoint that takes a body, with a valid one. */
    record Endpoint(String method, String path, String body) {}

    static Stream<Endpoint> endpoints() {
        return Stream.of(
                new Endpoint(
                        "POST", "/api/exports", "{\"vendor\":\"clari\",\"forecast\":\"f\",\"periods\":[\"2026_Q1\"]}"),
                new Endpoint("POST", "/api/clerk/users/lookup", "{\"ids\":[\"user_1\"]}"),
                new Endpoint("POST", "/api/customerio/people", "{\"people\":[{\"id\":\"1\",\"attributes\":{}}]}"),
                new Endpoint("PUT", LIMIT, "{\"permits\":100000}"),
                new Endpoint("POST", LIMIT + "/reset", "{\"reason\":\"r\"}"));
    }

    @AfterEach
    void end() throws IOException {
        Caller.call("DELETE", "/sandbox/faults");
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void a_field_that_is_there_twice_is_malformed(Endpoint endpoint) throws IOException {
        String twice = "{" + endpoint.body().substring(1, endpoint.body().length() - 1) + ","
                + endpoint.body().substring(1);

        assertThat(problem(send(endpoint, twice), 400, "malformed-json").getString("detail"))
                .contains("malformed");
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void anything_behind_the_object_is_malformed(Endpoint endpoint) throws IOException {
        for (String more : new String[] {"x", "{}", " 1", "]"}) {
            problem(send(endpoint, endpoint.body() + more), 400, "malformed-json");
        }
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void an_empty_object_is_invalid(Endpoint endpoint) throws IOException {
        problem(send(endpoint, "{}"), 422, "invalid");
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void without_a_body_the_body_is_named(Endpoint endpoint) throws IOException {
        for (String none : new String[] {"", "null"}) {
            assertThat(problem(send(endpoint, none), 422, "invalid").getString("detail"))
                    .startsWith("the body must be a JSON object");
        }
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void another_media_type_is_told_what_to_send(Endpoint endpoint) throws IOException {
        Reply reply = Caller.callWith(
                endpoint.body(), endpoint.method(), endpoint.path(), Caller.DEV, "Content-Type: text/plain");

        assertThat(problem(reply, 415, "unsupported-media-type").getString("detail"))
                .contains("application/json");
    }

    @Test
    void a_violation_names_the_place() throws IOException {
        Reply id = Caller.callWith("{\"ids\":[\"a\",null]}", "POST", "/api/clerk/users/lookup", Caller.DEV, JSON);
        Reply attributes =
                Caller.callWith("{\"people\":[{\"id\":\"1\"}]}", "POST", "/api/customerio/people", Caller.DEV, JSON);

        assertThat(problem(id, 422, "invalid").getString("detail")).isEqualTo("ids[1] must not be null");
        assertThat(problem(attributes, 422, "invalid").getString("detail"))
                .isEqualTo("people[0].attributes must not be null");
    }

    @Test
    void an_unknown_limiter_is_told_the_names_that_are_taken() throws IOException {
        Reply reply = Caller.callWith("{\"limiter\":\"leaky\"}", "PUT", LIMIT, Caller.DEV, JSON);

        assertThat(problem(reply, 422, "invalid").getString("detail"))
                .isEqualTo("limiter must be one of [unknown, window, fixed, sliding, counter, bucket]: leaky");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PATCH|/api/limits|GET, HEAD, OPTIONS",
                "DELETE|/api/limits/clerk/stub|GET, HEAD, OPTIONS",
                "GET|/api/limits/clerk/stub/pause|OPTIONS, POST",
                "PUT|/api/exports|GET, HEAD, OPTIONS, POST",
                "POST|/api/exports/exp_1|DELETE, GET, HEAD, OPTIONS",
                "GET|/api/clerk/users/lookup|OPTIONS, POST",
                "GET|/webhooks/clerk|OPTIONS, POST"
            })
    void a_method_that_is_not_there_is_told_those_that_are_as_options_is(String method, String path, String methods)
            throws IOException {
        Reply options = Caller.call("OPTIONS", path);
        assertThat(options.status()).isEqualTo(204);
        assertThat(allowed(options)).isEqualTo(methods);
        Reply refused = Caller.call(method, path, Caller.DEV);
        assertThat(refused.header("Allow")).isEqualTo(methods);
        assertThat(problem(refused, 405, "method-not-allowed").getString("detail"))
                .isEqualTo("there are " + methods);
    }

    private static String allowed(Reply reply) {
        return Stream.of(String.join(",", reply.values("Allow")).split(",", -1))
                .map(String::strip)
                .sorted()
                .reduce((left, right) -> left + ", " + right)
                .orElse("");
    }

    @Test
    void on_a_mount_a_method_that_is_not_there_is_told_those_that_are() throws IOException {
        Reply refused = Caller.call("TRACE", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.header("Allow")).isEqualTo("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api", "/api/", "/api/nothing", "/nothing"})
    void options_of_nothing_are_404(String path) throws IOException {
        problem(Caller.call("OPTIONS", path), 404, "not-found");
    }

    @ParameterizedTest
    @CsvSource({"clerk, resource_not_found, errors", "clari, not_found, ''"})
    void an_account_that_is_not_there_has_a_code_of_its_own(String vendor, String code, String place)
            throws IOException {
        Reply reply = Caller.call("GET", "/" + vendor + "@nope/v1/x", Caller.DEV);

        assertThat(reply.status()).isEqualTo(404);
        JsonObject body = new JsonObject(reply.body());
        JsonObject error = place.isEmpty() ? body : body.getJsonArray(place).getJsonObject(0);
        assertThat(error.getString("code")).isEqualTo(code);
    }

    @Test
    void dead_letters_are_listed_with_and_without_their_state() throws IOException {
        assertThat(Caller.call("GET", "/api/deliveries", Caller.DEV).body())
                .isEqualTo(Caller.call("GET", "/api/deliveries?state=dead", Caller.DEV)
                        .body());
        problem(Caller.call("GET", "/api/deliveries?state=queued", Caller.DEV), 422, "invalid");
    }

    @Test
    void a_refused_key_of_the_company_is_told_as_what_it_is() throws IOException {
        fault("{\"vendor\":\"clerk\",\"fault\":\"status\",\"status\":401}");
        fault("{\"vendor\":\"customerio\",\"fault\":\"status\",\"status\":401}");

        Reply all = Caller.call("GET", "/api/clerk/users?account=load", Caller.DEV);
        JsonObject one = new JsonObject(Caller.callWith(
                                "{\"account\":\"load\",\"ids\":[\"user_x\"]}",
                                "POST",
                                "/api/clerk/users/lookup",
                                Caller.DEV,
                                JSON)
                        .body())
                .getJsonArray("results")
                .getJsonObject(0)
                .getJsonObject("error");
        JsonObject person = new JsonObject(Caller.callWith(
                                "{\"account\":\"queued\",\"people\":[{\"id\":\"1\",\"attributes\":{}}]}",
                                "POST",
                                "/api/customerio/people",
                                Caller.DEV,
                                JSON)
                        .body())
                .getJsonArray("results")
                .getJsonObject(0);

        problem(all, 502, "credential-refused");
        assertThat(all.header("Sluice-Outcome")).isEqualTo("credential-refused");
        assertThat(one.getString("type")).endsWith("credential-refused");
        assertThat(person.getString("error")).contains("key is refused");
        assertThat(person.getBoolean("retry")).isFalse();
    }

    private static void fault(String json) throws IOException {
        assertThat(Caller.callWith(json, "POST", "/sandbox/faults").status()).isEqualTo(201);
    }

    private static Reply send(Endpoint endpoint, String body) throws IOException {
        return Caller.callWith(body, endpoint.method(), endpoint.path(), Caller.DEV, JSON);
    }

    private static JsonObject problem(Reply reply, int status, String type) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.header("Content-Type").toLowerCase(Locale.ROOT)).isEqualTo("application/problem+json");
        JsonObject body = new JsonObject(reply.body());
        assertThat(body.getString("type")).isEqualTo("urn:sluice:problem:" + type);
        return body;
    }
}
