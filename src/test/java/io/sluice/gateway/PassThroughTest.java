package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static io.sluice.gateway.StubVendor.raw;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes through a mount, and what does not, in either direction. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class PassThroughTest extends MountTest {
    private static final List<String> SECRETS = List.of(
            "stub-clari-secret",
            "stub-secret",
            "stub-track-secret",
            "stub-app-secret",
            "stub-pipelines-secret",
            "stub-fathom-secret");

    static Stream<String> placesOfTheTeamsKey() {
        return Stream.of(
                "Authorization: Bearer dev-key",
                "authorization: bearer dev-key",
                "Authorization: Basic " + base64("site:dev-key"),
                "Authorization: Basic " + base64("dev-key:"),
                "apikey: dev-key",
                "X-Api-Key: dev-key",
                "x-api-key: dev-key");
    }

    @ParameterizedTest
    @MethodSource("placesOfTheTeamsKey")
    void the_teams_key_is_taken_from_wherever_sdks_put_it_and_stays_here(String credential) throws IOException {
        for (String mount : List.of(
                "/clari@stub/v4/x", "/clerk@stub/v1/x", "/customerio@stub/app/v1/x", "/fathom@stub/external/v1/x")) {
            Caller.Reply reply = Caller.call("GET", mount, credential);

            assertThat(reply.status()).isEqualTo(200);
        }

        assertThat(stub.received())
                .hasSize(4)
                .allSatisfy(request -> assertThat(request.head())
                        .doesNotContain("dev-key")
                        .doesNotContain(base64("site:dev-key"))
                        .doesNotContain(base64("dev-key:")));
    }

    @Test
    void keys_in_further_places_stay_here_too() throws IOException {
        Caller.call(
                "GET",
                "/clerk@stub/v1/users",
                "Authorization: Bearer dev-key",
                "apikey: dev-key",
                "X-Api-Key: dev-key",
                "X-API-KEY: dev-key",
                "Proxy-Authorization: Bearer dev-key",
                "Cookie: session=dev-key");

        assertThat(stub.only().head()).doesNotContain("dev-key");
        assertThat(stub.only().values("Authorization")).containsExactly("Bearer sk_test_stub-secret");
    }

    @Test
    void the_vendors_key_is_in_no_answer() throws IOException {
        stub.answers(answer(200, "{}"), answer(401, "{}"), answer(500, "{}"), answer(500, "{}"));
        List<Caller.Reply> replies = List.of(
                Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV),
                Caller.call("GET", "/fathom@stub/external/v1/teams", Caller.DEV),
                Caller.callWith("{}", "POST", "/clari@stub/v2/ingest/entity/deal", Caller.DEV),
                Caller.call("GET", "/clerk@gone/v1/users", Caller.DEV),
                Caller.call("GET", "/clerk@none/v1/users", Caller.DEV),
                Caller.call("GET", "/clerk@stub/v1/../users", Caller.DEV));

        assertThat(replies).allSatisfy(reply -> assertThat(reply.text()).doesNotContain(SECRETS));
    }

    @Test
    void headers_of_one_connection_and_of_the_callers_origin_do_not_reach_the_vendor() throws IOException {
        Caller.call(
                "GET",
                "/clerk@stub/v1/users",
                Caller.DEV,
                "Connection: keep-alive, X-Mine",
                "X-Mine: 1",
                "Keep-Alive: timeout=5",
                "TE: trailers",
                "Proxy-Connection: keep-alive",
                "Cookie: a=b",
                "Forwarded: for=10.0.0.1",
                "Via: 1.1 proxy",
                "X-Forwarded-For: 10.0.0.1",
                "X-Forwarded-Host: sluice.internal",
                "X-Forwarded-Proto: https",
                "X-Real-IP: 10.0.0.1",
                "X-Custom: stays");

        StubVendor.Received request = stub.only();
        assertThat(request.values("X-Custom")).containsExactly("stays");
        assertThat(request.values("Host")).containsExactly("localhost:" + stub.port());
        assertThat(names(request.headers()))
                .doesNotContain(
                        "x-mine",
                        "keep-alive",
                        "te",
                        "proxy-connection",
                        "cookie",
                        "forwarded",
                        "via",
                        "x-forwarded-for",
                        "x-forwarded-host",
                        "x-forwarded-proto",
                        "x-real-ip",
                        "sluice-call");
    }

    @Test
    void headers_of_one_connection_and_promises_for_a_host_do_not_reach_the_caller() throws IOException {
        stub.answers(answer(
                200,
                "{}",
                "connection: X-Theirs",
                "x-theirs: 1",
                "Keep-Alive: timeout=5",
                "Set-Cookie: a=b",
                "set-cookie: c=d",
                "Alt-Svc: h3=\":443\"",
                "Strict-Transport-Security: max-age=1",
                "cf-ray: 8a1",
                "X-Twice: 1",
                "X-Twice: 2"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.header("cf-ray")).isEqualTo("8a1");
        assertThat(reply.values("X-Twice")).containsExactly("1", "2");
        assertThat(names(reply.headers()))
                .doesNotContain(
                        "x-theirs", "keep-alive", "set-cookie", "alt-svc", "strict-transport-security", "connection");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"})
    void every_method_passes(String method) throws IOException {
        Caller.Reply reply = Caller.call(method, "/clerk@stub/v1/things/1", Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().line()).isEqualTo(method + " /base/v1/things/1 HTTP/1.1");
    }

    @Test
    void the_head_of_an_answer_to_head_passes() throws IOException {
        stub.answers(raw("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nContent-Type: text/csv\r\nETag: \"e\"\r\n\r\n"));

        Caller.Reply reply = Caller.call("HEAD", "/clerk@stub/v1/things/1", Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("ETag")).isEqualTo("\"e\"");
        assertThat(reply.header("Content-Type")).isEqualTo("text/csv");
        assertThat(reply.header("Content-Length")).isEqualTo("1234");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "GET"})
    void a_body_passes_with_its_length_and_type(String method) throws IOException {
        Caller.callWith(
                "{\"a\":\"ä\"}",
                method,
                "/clerk@stub/v1/things/1",
                Caller.DEV,
                "content-type: multipart/mixed; Boundary=\"a b\";charset=UTF-8");

        StubVendor.Received request = stub.only();
        assertThat(request.body()).isEqualTo("{\"a\":\"ä\"}");
        assertThat(request.values("Content-Length")).containsExactly("10");
        assertThat(request.values("Content-Type")).containsExactly("multipart/mixed; Boundary=\"a b\";charset=UTF-8");
    }

    @Test
    void an_empty_post_says_that_it_is_empty() throws IOException {
        Caller.callWith("", "POST", "/clerk@stub/v1/users/u/ban", Caller.DEV);

        assertThat(stub.only().values("Content-Length")).containsExactly("0");
        assertThat(stub.only().values("Transfer-Encoding")).isEmpty();
    }

    @Test
    void a_body_in_chunks_passes() throws IOException {
        try (Caller caller = Caller.connected()) {
            caller.send(
                    "POST /clerk@stub/v1/things HTTP/1.1",
                    List.of(Caller.DEV, "Transfer-Encoding: chunked"),
                    "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");

            assertThat(caller.reply("POST").status()).isEqualTo(200);
        }
        assertThat(stub.only().body()).isEqualTo("abcdefg");
    }

    @Test
    void a_body_too_large_to_keep_passes_with_its_length() throws IOException {
        String body = "0123456789".repeat(100_000);

        Caller.callWith(body, "POST", "/clerk@stub/v1/things", Caller.DEV, "Content-Type: text/plain");

        assertThat(stub.only().body()).isEqualTo(body);
        assertThat(stub.only().values("Content-Length")).containsExactly("1000000");
        assertThat(stub.only().values("Transfer-Encoding")).isEmpty();
    }

    @Test
    void a_caller_that_expects_to_be_told_to_continue_is_told_so() throws IOException {
        try (Caller caller = Caller.connected()) {
            caller.send(
                    "POST /clerk@stub/v1/things HTTP/1.1",
                    List.of(Caller.DEV, "Content-Length: 2", "Expect: 100-continue"),
                    "");
            caller.readSome("HTTP/1.1 100 Continue\r\n\r\n".length());
            caller.write("ok");

            assertThat(caller.reply("POST").status()).isEqualTo(200);
        }
        assertThat(stub.only().body()).isEqualTo("ok");
    }

    @Test
    void compressed_answers_stay_as_they_are() throws IOException {
        stub.answers(answer(200, "not really gzip", "Content-Encoding: gzip"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV, "Accept-Encoding: gzip, br");

        assertThat(stub.only().values("Accept-Encoding")).containsExactly("gzip, br");
        assertThat(reply.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(reply.body()).isEqualTo("not really gzip");
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 202, 207, 302, 400, 402, 403, 404, 409, 413, 422, 500, 501, 507, 599})
    void statuses_of_the_vendor_pass_as_they_came(int status) throws IOException {
        stub.answers(answer(status, "what it says", "Content-Type: text/weird; Q=1", "X-Its: own", "Location: /there"));

        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).isEqualTo("what it says");
        assertThat(reply.header("Content-Type")).isEqualTo("text/weird; Q=1");
        assertThat(reply.header("X-Its")).isEqualTo("own");
        assertThat(reply.header("Location")).isEqualTo("/there");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void answers_that_have_no_body_have_none(int status) throws IOException {
        stub.answers(raw("HTTP/1.1 " + status + " Nothing\r\nETag: \"e\"\r\n\r\n"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.values("Content-Type")).isEmpty();
        assertThat(reply.header("ETag")).isEqualTo("\"e\"");
    }

    @Test
    void an_answer_without_a_type_gets_none() throws IOException {
        stub.answers(answer(200, "bytes"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.body()).isEqualTo("bytes");
        assertThat(reply.values("Content-Type")).isEmpty();
    }

    @Test
    void a_long_error_passes_whole() throws IOException {
        String body = "0123456789".repeat(300_000);
        stub.answers(answer(500, body, "Content-Type: text/plain"));

        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).isEqualTo(body);
    }

    @Test
    void an_answer_in_chunks_passes_whole() throws IOException {
        stub.answers(raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));

        assertThat(Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV).body())
                .isEqualTo("abcde");
    }

    @Test
    void an_answer_that_the_vendor_cuts_is_cut_for_the_caller_too() {
        stub.answers(StubVendor.cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly some"));
        assertThatThrownBy(() -> Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV))
                .isInstanceOf(IOException.class);

        stub.answers(StubVendor.cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n"));
        assertThatThrownBy(() -> Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV))
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_redirect_to_the_vendor_itself_leads_through_sluice() throws IOException {
        String vendor = "http://localhost:" + stub.port() + "/base";
        stub.answers(answer(302, "", "location: " + vendor + "/v1/other"), answer(302, "", "Location: http://x.y/z"));

        Caller.Reply own = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);
        Caller.Reply foreign = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(own.header("Location")).isEqualTo("http://localhost:" + Caller.port() + "/clerk@stub/v1/other");
        assertThat(foreign.header("Location")).isEqualTo("http://x.y/z");
    }

    @Test
    void a_link_is_rewritten_whatever_the_vendor_says_about_the_length() throws IOException {
        String vendor = "http://localhost:" + stub.port() + "/base";
        stub.answers(answer(200, "{\"nextLink\":\"" + vendor + "/v4/audit/events?p=2\"}", "content-type: a/b"));

        Caller.Reply reply = Caller.call("GET", "/clari@stub/v4/audit/events", Caller.DEV, "Accept-Encoding: gzip");

        assertThat(stub.only().values("Accept-Encoding")).containsExactly("identity");
        assertThat(reply.body())
                .isEqualTo("{\"nextLink\":\"http://localhost:" + Caller.port() + "/clari@stub/v4/audit/events?p=2\"}");
    }

    private static List<String> names(List<String> headers) {
        return headers.stream()
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                .toList();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
