package io.sluice.sandbox;

import static io.sluice.sandbox.SandboxServer.APP;
import static io.sluice.sandbox.SandboxServer.CLARI;
import static io.sluice.sandbox.SandboxServer.CLERK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.readme.Page;
import io.sluice.sandbox.http.Json;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SandboxControlTest {
    private static final String USERS = "/sandbox/clerk/v1/users";
    private static final String EMAIL = "/sandbox/customerio/app/v1/send/email";
    private static final JsonObject MAIL =
            Json.of("to", "a@b.c", "transactional_message_id", "m", "identifiers", Json.of("id", "1"));

    private final SandboxServer sandbox = SandboxServer.start();

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private JsonObject fault(Object... namesAndValues) {
        SandboxServer.Reply added = sandbox.post("/sandbox/faults", Json.of(namesAndValues));
        assertThat(added.status()).as(added.text()).isEqualTo(201);
        return added.json();
    }

    @Test
    void a_status_fault_strikes_as_often_as_told_and_does_no_work() {
        fault(
                "vendor",
                "customerio",
                "operation",
                "send-email",
                "fault",
                "status",
                "status",
                503,
                "times",
                2,
                "headers",
                Json.of("Retry-After", "7"),
                "body",
                Json.of("busy", true));

        SandboxServer.Reply first = sandbox.post(EMAIL, MAIL, APP);
        sandbox.post(EMAIL, MAIL, APP);
        SandboxServer.Reply third = sandbox.post(EMAIL, MAIL, APP);

        assertThat(first.status()).isEqualTo(503);
        assertThat(first.header("Retry-After")).isEqualTo("7");
        assertThat(first.text()).isEqualTo("{\"busy\":true}");
        assertThat(third.status()).isEqualTo(200);
        assertThat(sandbox.state("customerio").getInteger("mails")).isEqualTo(1);
        assertThat(sandbox.get("/sandbox/faults").array().getJsonObject(0).getInteger("struck"))
                .isEqualTo(2);
        assertThat(sandbox.limit("customerio", "email").getInteger("accepted")).isEqualTo(3);
    }

    @Test
    void a_fault_of_an_unknown_operation_is_told_the_known_ones() {
        SandboxServer.Reply refused = sandbox.post(
                "/sandbox/faults", Json.of("vendor", "clerk", "operation", "read-users", "fault", "reset"));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("clerk has no operation read-users", "list-users", "read-user,", "unknown");
        assertThat(sandbox.get("/sandbox/faults").array()).isEmpty();
    }

    @Test
    void the_page_lists_the_operations_that_faults_can_name() {
        for (List<String> row : Page.of("sandbox.md").table("stand-in")) {
            String vendor = Page.code(row.getFirst()).getFirst();
            String refusal = sandbox.post(
                            "/sandbox/faults", Json.of("vendor", vendor, "operation", "no such", "fault", "reset"))
                    .json()
                    .getString("detail");

            assertThat(refusal).endsWith(Page.code(row.get(1)).toString());
        }
        assertThat(Page.of("sandbox.md").table("stand-in")).hasSize(4);
    }

    @Test
    void a_reset_does_no_work_and_a_lost_answer_does() {
        fault("vendor", "customerio", "path", "/send/", "method", "POST", "fault", "reset", "times", 1);
        fault("vendor", "customerio", "path", "/send/", "method", "POST", "fault", "lost-answer", "times", 1);

        assertThatThrownBy(() -> sandbox.post(EMAIL, MAIL, APP)).isInstanceOf(UncheckedIOException.class);
        assertThat(sandbox.state("customerio").getInteger("mails")).isZero();
        assertThatThrownBy(() -> sandbox.post(EMAIL, MAIL, APP)).isInstanceOf(UncheckedIOException.class);
        assertThat(sandbox.state("customerio").getInteger("mails")).isEqualTo(1);
        assertThat(sandbox.get("/sandbox/report/customerio")
                        .json()
                        .getJsonObject("calls")
                        .getJsonObject("send-email"))
                .isEqualTo(Json.of("lost 200", 1, "reset", 1));
    }

    @Test
    void over_http_2_only_the_stream_is_broken_off() throws Exception {
        fault("vendor", "customerio", "fault", "lost-answer", "times", 1);
        try (HttpClient http2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            http2.send(sandbox.request("GET", "/sandbox", null), HttpResponse.BodyHandlers.discarding());

            assertThatThrownBy(() ->
                            http2.send(sandbox.request("POST", EMAIL, MAIL, APP), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
            HttpResponse<String> next =
                    http2.send(sandbox.request("POST", EMAIL, MAIL, APP), HttpResponse.BodyHandlers.ofString());

            assertThat(next.statusCode()).isEqualTo(200);
            assertThat(next.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(sandbox.state("customerio").getInteger("mails")).isEqualTo(2);
        }
    }

    @Test
    void a_cut_answer_breaks_off_in_the_middle() {
        fault("vendor", "clerk", "operation", "list-users", "fault", "cut-answer", "times", 1);

        assertThatThrownBy(() -> sandbox.get(USERS, CLERK)).isInstanceOf(UncheckedIOException.class);
        assertThat(sandbox.get(USERS, CLERK).status()).isEqualTo(200);
    }

    @Test
    void a_slow_fault_delays_and_a_hang_ends_with_the_callers_patience() throws Exception {
        fault("vendor", "clerk", "fault", "slow", "delay_ms", 60, "times", 1);
        fault("vendor", "clerk", "fault", "hang", "times", 1);
        long start = System.nanoTime();

        assertThat(sandbox.get(USERS, CLERK).status()).isEqualTo(200);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
        try (Socket socket = new Socket("localhost", sandbox.port())) {
            socket.setSoTimeout(50);
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n"
                            .formatted(USERS, CLERK)
                            .getBytes(StandardCharsets.US_ASCII));
            awaitListed(Json.of("200", 1, "hang", 1));
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    /** Waits until the report says so of the calls that list users: one without an answer says nothing itself. */
    private void awaitListed(JsonObject outcomes) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!outcomes.equals(listed()) && System.nanoTime() - end < 0) {
            Thread.sleep(5);
        }
        assertThat(listed()).isEqualTo(outcomes);
    }

    private JsonObject listed() {
        return sandbox.get("/sandbox/report/clerk")
                .json()
                .getJsonObject("calls")
                .getJsonObject("list-users");
    }

    @Test
    void a_hang_is_bounded() {
        try (SandboxServer impatient = SandboxServer.start("max-hang", "20ms")) {
            impatient.post("/sandbox/faults", Json.of("vendor", "clerk", "fault", "hang"));

            assertThatThrownBy(() -> impatient.get(USERS, CLERK)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void a_fault_with_a_probability_strikes_some_calls() {
        fault("vendor", "clerk", "fault", "status", "status", 500, "probability", 0.5);

        long struck = IntStream.range(0, 60)
                .filter(i -> sandbox.get(USERS, CLERK).status() == 500)
                .count();

        assertThat(struck).isBetween(15L, 45L);
    }

    @Test
    void latency_delays_both_ways() {
        sandbox.send("PUT", "/sandbox/settings/clerk", Json.of("latency_ms", 60, "jitter_ms", 5));
        long start = System.nanoTime();

        sandbox.get(USERS, CLERK);

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(55_000_000);
    }

    @Test
    void faults_can_be_removed_one_by_one_and_all_at_once() {
        JsonObject first = fault("vendor", "clerk", "fault", "status");
        fault("vendor", "clari", "fault", "status");

        sandbox.send("DELETE", "/sandbox/faults/" + first.getString("id"), null);
        assertThat(sandbox.get("/sandbox/faults").array()).hasSize(1);
        sandbox.send("DELETE", "/sandbox/faults", null);
        assertThat(sandbox.get("/sandbox/faults").array()).isEmpty();
    }

    @Test
    void mistakes_in_control_calls_are_problems_that_say_what_is_wrong() {
        problem(sandbox.post("/sandbox/faults", "{"), 400, "not JSON");
        problem(sandbox.post("/sandbox/faults", "[]"), 400, "must be a JSON object");
        problem(sandbox.post("/sandbox/faults", Json.of("vendor", "clerk")), 400, "needs the field fault");
        problem(sandbox.post("/sandbox/faults", Json.of("vendor", "x", "fault", "reset")), 404, "no vendor named x");
        problem(sandbox.post("/sandbox/faults", Json.of("vendor", "clerk", "fault", "x")), 400, "no fault named x");
        problem(
                sandbox.post("/sandbox/faults", Json.of("vendor", "clerk", "fault", "reset", "colour", 1)),
                400,
                "no field colour");
        problem(
                sandbox.post("/sandbox/faults", Json.of("vendor", "clerk", "fault", "reset", "path", "(")),
                400,
                "not a regular expression");
        problem(
                sandbox.post("/sandbox/faults", Json.of("vendor", "clerk", "fault", "reset", "times", "x")),
                400,
                "wrong type");
        problem(sandbox.send("PUT", "/sandbox/limits/clerk/x", "{}"), 404, "clerk has no limit x");
        problem(sandbox.send("PUT", "/sandbox/limits/clerk/instance", "{\"permits\":0}"), 400, "at least 1: 0");
        problem(
                sandbox.send("PUT", "/sandbox/limits/clerk/instance", "{\"limiter\":\"x\"}"),
                400,
                "no limiter named x");
        problem(sandbox.send("PUT", "/sandbox/settings/clerk", "{\"x\":1}"), 400, "no setting named x");
        problem(sandbox.send("PUT", "/sandbox/settings/clerk", "{\"latency_ms\":\"1\"}"), 400, "must be a Long");
        problem(sandbox.get("/sandbox/report/clerk/x"), 404, "clerk has no report x");
        problem(sandbox.get("/sandbox/requests"), 400, "name a vendor");
        problem(sandbox.get("/sandbox/x"), 404, "nothing at GET /sandbox/x");
    }

    private static void problem(SandboxServer.Reply reply, int status, String detail) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.json().getString("detail")).contains(detail);
    }

    @Test
    void requests_are_shown_as_they_came_without_credentials() {
        sandbox.post(USERS + "?a=%20b&c=+d&e[]=%2Fp", "{\"x\":1}", CLERK, "X-Own: yes");

        JsonObject seen = sandbox.get("/sandbox/requests?vendor=clerk").array().getJsonObject(0);

        assertThat(seen.getMap())
                .containsEntry("method", "POST")
                .containsEntry("target", USERS + "?a=%20b&c=+d&e[]=%2Fp")
                .containsEntry("operation", "create-user")
                .containsEntry("body_bytes", 7)
                .containsEntry("outcome", "200");
        assertThat(seen.getJsonArray("headers").encode())
                .contains("[\"X-Own\",\"yes\"]", "[\"Authorization\",\"Bearer [redacted]\"]")
                .doesNotContain("sk_test_sandbox");
    }

    @Test
    void only_the_last_requests_are_kept() {
        try (SandboxServer forgetful = SandboxServer.start("kept-requests", "3")) {
            for (int i = 1; i <= 5; i++) {
                forgetful.get(USERS + "?n=" + i, CLERK);
            }

            assertThat(forgetful.get("/sandbox/requests?vendor=clerk").array().stream()
                            .map(request -> ((JsonObject) request).getString("target")))
                    .containsExactly(USERS + "?n=3", USERS + "?n=4", USERS + "?n=5");
        }
    }

    @Test
    void a_reset_brings_everything_back_to_the_start() {
        sandbox.send(
                "PUT", "/sandbox/limits/clerk/instance", Json.of("permits", 5, "limiter", "fixed", "window_ms", 50));
        sandbox.send("PUT", "/sandbox/settings/clerk", Json.of("user_quota", 1));
        fault("vendor", "clari", "fault", "status");
        sandbox.get(USERS, CLERK);
        JsonObject before = sandbox.limit("clerk", "instance");

        sandbox.send("POST", "/sandbox/reset", null);

        assertThat(before.getMap()).containsEntry("limiter", "fixed").containsEntry("accepted", 1);
        assertThat(sandbox.limit("clerk", "instance").getMap())
                .containsEntry("limiter", "sliding")
                .containsEntry("permits", 100)
                .containsEntry("accepted", 0);
        assertThat(sandbox.get("/sandbox/settings")
                        .json()
                        .getJsonObject("clerk")
                        .getInteger("user_quota"))
                .isEqualTo(100_000);
        assertThat(sandbox.get("/sandbox/faults").array()).isEmpty();
        assertThat(sandbox.state("clerk").getInteger("users")).isEqualTo(3);
    }

    @Test
    void clearing_the_report_keeps_state_and_numbers() {
        sandbox.send("PUT", "/sandbox/limits/clerk/instance", Json.of("permits", 5));
        sandbox.post(USERS, "{}", CLERK);

        sandbox.send("DELETE", "/sandbox/report", null);

        assertThat(sandbox.limit("clerk", "instance").getMap())
                .containsEntry("permits", 5)
                .containsEntry("accepted", 0);
        assertThat(sandbox.state("clerk").getInteger("users")).isEqualTo(4);
    }

    @Test
    void a_large_download_counts_up_in_words_and_has_its_length() throws Exception {
        long length = 40_000_003;
        HttpResponse<InputStream> response = sandbox.client()
                .send(
                        sandbox.request("GET", "/sandbox/clari/v4/export/jobs/big-" + length + "/results", null, CLARI),
                        HttpResponse.BodyHandlers.ofInputStream());

        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(length);
        try (InputStream body = response.body()) {
            long words = length / Long.BYTES;
            for (long word = 0; word < words; word++) {
                long read = ByteBuffer.wrap(body.readNBytes(Long.BYTES)).getLong();
                if (read != word) {
                    assertThat(read).isEqualTo(word);
                }
            }
            assertThat(body.readAllBytes()).hasSize((int) (length % Long.BYTES));
        }
    }

    @Test
    void a_large_upload_is_answered_with_its_length_and_digest() throws Exception {
        byte[] piece = "0123456789abcdef".repeat(4096).getBytes(StandardCharsets.US_ASCII);
        int pieces = 500;
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < pieces; i++) {
            digest.update(piece);
        }
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofInputStream(() ->
                new SequenceInputStream(Collections.enumeration(IntStream.range(0, pieces)
                        .mapToObj(i -> (InputStream) new ByteArrayInputStream(piece))
                        .toList())));

        HttpResponse<String> response = sandbox.client()
                .send(
                        HttpRequest.newBuilder(sandbox.uri("/sandbox/clari/v2/ingest/bulk/entity/big"))
                                .header("apikey", "sandbox-clari-key")
                                .expectContinue(true)
                                .POST(body)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(new JsonObject(response.body()))
                .isEqualTo(Json.of(
                        "bytes",
                        (long) piece.length * pieces,
                        "sha256",
                        HexFormat.of().formatHex(digest.digest())));
    }

    @Test
    void a_body_above_the_bound_is_refused_and_not_kept() {
        try (SandboxServer small = SandboxServer.start("max-body", "1024")) {
            assertThat(small.post(USERS, "x".repeat(2000), CLERK).status()).isEqualTo(413);
        }
    }

    @Test
    void a_full_store_says_so_and_forgets_nothing() {
        try (SandboxServer small = SandboxServer.start("max-records", "4")) {
            assertThat(small.post(USERS, "{}", CLERK).status()).isEqualTo(200);
            SandboxServer.Reply full = small.post(USERS, "{}", CLERK);

            assertThat(full.status()).isEqualTo(507);
            assertThat(full.json().getString("detail")).contains("sluice.sandbox.max-records");
            assertThat(small.state("clerk").getInteger("users")).isEqualTo(4);
        }
    }

    @Test
    void limits_of_the_configuration_must_name_what_exists() {
        assertThatThrownBy(() -> SandboxServer.start("limits.clerk.nothing.permits", "1"))
                .hasMessageContaining("sluice.sandbox.limits.clerk names no limit nothing");
        assertThatThrownBy(() -> SandboxServer.start("limits.other.instance.permits", "1"))
                .hasMessageContaining("names no vendor other");
        assertThat(SandboxServer.config(Map.of()).enabled()).isFalse();
    }

    @Test
    void configured_limits_change_what_they_name_and_leave_the_rest() {
        try (SandboxServer changed = SandboxServer.start(
                "limits.clerk.instance.limiter", "bucket",
                "limits.clerk.instance.burst", "7",
                "limits.clerk.instance.window", "PT1S")) {
            assertThat(changed.limit("clerk", "instance").getMap())
                    .containsEntry("limiter", "bucket")
                    .containsEntry("permits", 100)
                    .containsEntry("burst", 7)
                    .containsEntry("window_ms", 1000);
        }
    }
}
