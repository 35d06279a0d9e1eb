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

        assertThat(reply.status()).isIn(400, 404);
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
