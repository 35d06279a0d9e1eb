package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that would lead elsewhere, or nowhere. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class BadPathsTest extends MountTest {
    private static final String HOST = "Host: Track.Sluice.Internal:8081";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/clerk@stub/v1/../admin",
                "/clerk@stub/v1/..",
                "/clerk@stub/..",
                "/clerk@stub/./v1",
                "/clerk@stub/v1/%2e%2e/admin",
                "/clerk@stub/v1/%2E./admin",
                "/clerk@stub/v1/.%2e/admin",
                "/clerk@stub/v1/%252e%252e/admin",
                "/clerk@stub/v1/..%2fadmin",
                "/clerk@stub/v1/x%2f..%2f..%2fadmin",
                "/clerk@stub/v1/..;a=b/admin",
                "/clerk@stub/v1/..%5cadmin",
                "/clerk@stub/v1/..\\admin",
                "/clerk@stub//v1/users",
                "//clerk@stub/v1/users",
                "/clerk@stub/v1//users",
                "//evil.example/clerk@stub/v1/users",
                "/clerk@stub/v1/%00",
                "/clerk@stub/v1/a%0d%0aX: y",
                "/clerk@stub/v1/%zz",
                "/clerk@stub/v1/%2",
                "/x/../clerk@stub/v1/users",
                "/q/../clerk@stub/v1/users",
                "/q/%2e%2e/clerk@stub/v1/users"
            })
    void a_path_that_is_not_what_it_seems_reaches_no_vendor(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", path.replace(" ", "%20"), Caller.DEV);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(stub.received()).isEmpty();
    }

    /** The framework's router would take each of these for a path of its own, of a resource, or of the sandbox. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/clerk/../q/openapi",
                "/clerk@stub/../q/openapi",
                "/clerk@nobody/../q/openapi",
                "/clerk/v1/../../q/openapi?format=json",
                "/clerk/%2e%2e/q/openapi",
                "/clerk/.%2E/q/openapi",
                "/clerk/%252e%252e/q/openapi",
                "/clerk/..;a=b/q/openapi",
                "/clerk/..%2fq/openapi",
                "/clerk/../api/limits",
                "/clerk/../sandbox/report",
                "/clerk/../clerk/v1/users",
                "/clerk/./v1/users"
            })
    void a_dot_segment_on_a_mount_is_refused_as_the_vendor_would_wherever_it_leads(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", path, Caller.DEV);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Sluice-Request-Id")).matches("req_[0-9A-HJKMNP-TV-Z]{26}");
        assertThat(new JsonObject(reply.body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("message"))
                .isEqualTo("Sluice: the path has a dot segment");
    }

    @Test
    void a_dot_segment_behind_a_mount_of_two_segments_is_refused_as_that_vendor_would() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/customerio/track/../../q/openapi", Caller.DEV);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(new JsonObject(reply.body()).getJsonObject("meta").getJsonArray("errors"))
                .containsExactly("Sluice: the path has a dot segment");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x/../q/openapi",
                "/x/%2e%2e/q/openapi",
                "/api/../q/openapi",
                "/sandbox/../q/openapi",
                "/q/./openapi",
                "//q/openapi",
                "/q//openapi",
                "/../api/limits",
                "/customerio/../q/openapi"
            })
    void an_unclear_path_elsewhere_is_a_problem(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", path, Caller.DEV);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(new JsonObject(reply.body()).getString("type")).endsWith("bad-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/openapi", "/q/swagger-ui/", "/%71/openapi", "/sandbox/report", "/api/limits", "/"})
    void a_host_that_stands_for_a_mount_serves_nothing_else(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", path + "?x=1", Caller.DEV, HOST);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().target()).isEqualTo("/base" + path + "?x=1");
    }

    @Test
    void a_body_reaches_the_vendor_of_a_host_whatever_its_path() throws IOException {
        Caller.Reply reply = Caller.callWith("{\"a\":1}", "POST", "/sandbox/faults", Caller.DEV, HOST);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().target()).isEqualTo("/base/sandbox/faults");
        assertThat(stub.only().body()).isEqualTo("{\"a\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x/../q/openapi", "/../q/openapi", "/%2e%2e/q/openapi"})
    void a_dot_segment_on_a_host_that_stands_for_a_mount_is_refused_as_the_vendor_would(String path)
            throws IOException {
        Caller.Reply reply = Caller.call("GET", path, Caller.DEV, HOST);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(new JsonObject(reply.body()).getJsonObject("meta").getJsonArray("errors"))
                .containsExactly("Sluice: the path has a dot segment");
        assertThat(stub.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/clerk@stub/http://evil.example/v1",
                "/clerk@stub/v1/@evil.example/",
                "/clerk@stub/v1/users?redirect=//evil.example/..",
                "/clerk@stub/@evil.example:80/x",
                "/clerk@stub/:80@evil.example/",
                "/clerk@stub/.evil.example/x",
                "/clerk@stub/v1/a%2Fb",
                "/clerk@stub",
                "/clerk@stub/"
            })
    void whatever_the_path_says_the_call_goes_below_the_accounts_url(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", path, Caller.DEV);

        if (reply.status() == 400) {
            assertThat(stub.received()).isEmpty();
        } else {
            assertThat(reply.status()).isEqualTo(200);
            String rest = path.substring("/clerk@stub".length());
            assertThat(stub.only().target()).isEqualTo("/base" + (rest.isEmpty() ? "/" : rest));
            assertThat(stub.only().values("Host")).containsExactly("localhost:" + stub.port());
        }
    }

    @Test
    void a_target_in_absolute_form_leads_where_its_path_says_and_not_to_its_host() throws IOException {
        try (Caller caller = Caller.connected()) {
            caller.send(
                    "GET http://evil.example/clerk@stub/v1/users?x=1 HTTP/1.1",
                    List.of(Caller.DEV, "Host: evil.example"),
                    "");

            assertThat(caller.reply("GET").status()).isEqualTo(200);
        }
        assertThat(stub.only().target()).isEqualTo("/base/v1/users?x=1");
        assertThat(stub.only().values("Host")).containsExactly("localhost:" + stub.port());
    }

    @Test
    void a_host_in_the_header_changes_nothing() throws IOException {
        Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV, "Host: evil.example");

        assertThat(stub.only().values("Host")).containsExactly("localhost:" + stub.port());
    }

    @Test
    void an_unknown_mount_is_told_which_there_are() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/hubspot/v3/contacts", Caller.DEV);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(new JsonObject(reply.body()).getString("detail")).contains("/clari", "/customerio/track", "/fathom");
    }

    @Test
    void an_unknown_account_is_told_which_there_are() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/clerk@eu/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(new JsonObject(reply.body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("message"))
                .contains("eu", "default", "stub");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Authorization: Bearer wrong", "apikey: wrong", "Authorization: Bearer", "X-Api-Key: "})
    void without_a_valid_key_nothing_is_done(String credential) throws IOException {
        String[] headers = credential.isEmpty() ? new String[0] : new String[] {credential};
        Caller.Reply mount = Caller.call("GET", "/clerk@stub/v1/users", headers);
        Caller.Reply unknown = Caller.call("GET", "/clerk@eu/v1/users", headers);

        assertThat(List.of(mount, unknown)).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.body()).doesNotContain("wrong");
        });
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void a_team_calls_what_it_may_and_nothing_else() throws IOException {
        Caller.Reply read = Caller.call("GET", "/clerk@stub/v1/users", StubVendors.READER);
        Caller.Reply write = Caller.callWith("{}", "POST", "/clerk@stub/v1/users", StubVendors.READER);
        Caller.Reply identify =
                Caller.callWith("{}", "PUT", "/customerio@stub/track/api/v1/customers/1", StubVendors.READER);
        Caller.Reply mail = Caller.callWith("{}", "POST", "/customerio@stub/app/v1/send/email", StubVendors.READER);
        Caller.Reply other = Caller.call("GET", "/fathom@stub/external/v1/meetings", StubVendors.READER);

        assertThat(List.of(read, identify))
                .allSatisfy(reply -> assertThat(reply.status()).isEqualTo(200));
        assertThat(List.of(write, mail, other))
                .allSatisfy(reply -> assertThat(reply.status()).isEqualTo(403));
        assertThat(new JsonObject(mail.body()).getJsonObject("meta").getString("error"))
                .contains("reader", "customerio:send-email");
        assertThat(stub.received()).hasSize(2);
    }

    @Test
    void headers_that_are_too_large_are_refused_as_such() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV, "X-Large: " + "x".repeat(100_000));

        assertThat(reply.status()).isEqualTo(431);
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void a_body_that_is_too_large_is_refused_as_such_and_the_connection_ends() throws IOException {
        try (Caller caller = Caller.connected()) {
            caller.send("POST /clerk@stub/v1/users HTTP/1.1", List.of(Caller.DEV, "Content-Length: 3000000000"), "{");
            Caller.Reply reply = caller.reply("POST");

            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.header("Connection")).isEqualToIgnoringCase("close");
        }
        assertThat(stub.received()).isEmpty();
    }
}
