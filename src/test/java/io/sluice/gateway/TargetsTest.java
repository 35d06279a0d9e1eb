package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that are long, and those that are no URI. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class TargetsTest extends MountTest {
    private static final String JSON = "Content-Type: application/json";

    @AfterEach
    void end() throws IOException {
        Caller.call("POST", "/sandbox/reset");
    }

    /** Ids as Clerk makes them: {@code user_} and 27 characters. */
    @Test
    void a_list_of_a_hundred_users_by_their_ids_passes_to_the_end() throws IOException {
        Caller.callWith("{\"permits\":1000000}", "PUT", "/sandbox/limits/clerk/instance", JSON);
        String ids = IntStream.range(0, 99)
                .mapToObj(i -> "&user_id=user_2abcdefghijklmnopqrstuv%04d".formatted(i))
                .collect(Collectors.joining());
        String target = "/clerk/v1/users?limit=100&user_id=user_sandbox_1" + ids;

        Caller.Reply reply = Caller.call("GET", target, Caller.DEV, "Cache-Control: no-cache");

        assertThat(target).hasSizeGreaterThan(4096);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(new JsonArray(reply.body())).hasSize(1);
    }

    @Test
    void a_target_up_to_the_documented_length_passes_and_a_longer_one_is_414() throws IOException {
        int line = 16_384 - "GET  HTTP/1.1".length();
        String start = "/clerk@stub/v1/users?query=";
        String longest = start + "x".repeat(line - start.length());

        assertThat(Caller.call("GET", longest, Caller.DEV).status()).isEqualTo(200);
        assertThat(stub.only().target()).endsWith("x".repeat(line - start.length()));
        assertThat(Caller.call("GET", longest + "xx", Caller.DEV).status()).isEqualTo(414);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_vendors_headers_may_be_as_long_as_a_link_that_repeats_the_query() throws IOException {
        stub.answers(answer(200, "{}", "Link: <https://vendor.example/?x=" + "y".repeat(20_000) + ">"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Link")).hasSizeGreaterThan(20_000);
    }

    /** Clients send these as they are, and the vendor gets what a URI has in their place, with the same meaning. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/v1/users?a={b}|c /v1/users?a=%7Bb%7D%7Cc",
                "/v1/users?a=<b>&c=^` /v1/users?a=%3Cb%3E&c=%5E%60",
                "/v1/users?a=b\\c /v1/users?a=b%5Cc",
                "/v1/users?a=\"b\" /v1/users?a=%22b%22",
                "/v1/u{b}|[c] /v1/u%7Bb%7D%7C%5Bc%5D",
                "/v1/users?a[]=%7Bb%7D /v1/users?a[]=%7Bb%7D"
            })
    void a_character_that_no_uri_has_is_escaped(String sent, String received) throws IOException {
        Caller.Reply reply = Caller.call("GET", "/clerk@stub" + sent, Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().target()).isEqualTo("/base" + received);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/clerk@stub/v1/users?a=%zz",
                "/clerk@stub/v1/users?a=100%",
                "/clerk@stub/v1/users?a=%u1234",
                "/clerk@stub/v1/users/%zz",
                "/clerk@stub/v1/u\\x"
            })
    void what_cannot_be_sent_on_is_refused_as_the_vendor_would_with_a_request_id(String target) throws IOException {
        Caller.Reply reply = Caller.call("GET", target, Caller.DEV);

        assertThat(reply.status()).isEqualTo(400);
        String id = reply.header("Sluice-Request-Id");
        JsonObject body = new JsonObject(reply.body());
        assertThat(body.getString("clerk_trace_id")).isEqualTo(id);
        assertThat(body.getJsonArray("errors").getJsonObject(0).getString("message"))
                .startsWith("Sluice: the ");
        assertThat(stub.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/limits?a={b}",
                "/api/limits?a=b\\c",
                "/api/limits?a=%zz",
                "/api/x|y",
                "/api/%zz",
                "/%zz",
                "/api\\limits",
                "/sandbox/report?a=<b>",
                "/q/openapi?a={b}",
                "/?a=|"
            })
    void elsewhere_a_target_that_is_no_uri_is_a_problem_with_a_request_id(String target) throws IOException {
        Caller.Reply reply = Caller.call("GET", target, Caller.DEV);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        JsonObject body = new JsonObject(reply.body());
        assertThat(body.getString("type")).endsWith("bad-request");
        assertThat(body.getString("detail")).isNotBlank();
        assertThat(body.getString("request_id")).isEqualTo(reply.header("Sluice-Request-Id"));
    }

    @Test
    void a_body_passes_with_a_target_that_is_no_uri() throws IOException {
        Caller.Reply reply = Caller.callWith("{\"a\":1}", "POST", "/clerk@stub/v1/invitations?a={b}", Caller.DEV, JSON);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().body()).isEqualTo("{\"a\":1}");
        assertThat(List.of(stub.only().target())).containsExactly("/base/v1/invitations?a=%7Bb%7D");
    }
}
