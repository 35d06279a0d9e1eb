package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.window.Limit;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What would break a vendor's own SDK, if Sluice did it. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class DropInTest extends MountTest {
    @Test
    void clerk_answers_with_exactly_application_json() throws IOException {
        Caller.Reply vendors = Caller.call("GET", "/clerk/v1/users/user_none", Caller.DEV);
        Caller.Reply ours = Caller.call("GET", "/clerk/v1/users/user_none");

        assertThat(vendors.status()).isEqualTo(404);
        assertThat(vendors.header("Content-Type")).isEqualTo("application/json");
        assertThat(ours.status()).isEqualTo(401);
        assertThat(ours.header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void clerk_sees_the_version_that_its_sdk_pins() throws IOException {
        Caller.call("GET", "/clerk@stub/v1/users/user_1", Caller.DEV, "Clerk-API-Version: 2026-05-12");

        assertThat(stub.only().values("Clerk-API-Version")).containsExactly("2026-05-12");
    }

    @Test
    void clerk_paths_without_a_version_are_served() throws IOException {
        Caller.Reply reply =
                Caller.callWith("{}", "POST", "/clerk@stub/m2m_tokens", Caller.DEV, "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().line()).isEqualTo("POST /base/m2m_tokens HTTP/1.1");
    }

    @Test
    void clerk_keys_pass_while_the_account_is_paused() throws IOException {
        budget.pause("clerk/stub");
        try {
            Caller.Reply other = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV, "Prefer: wait=0");
            Caller.Reply jwks = Caller.call("GET", "/clerk@stub/v1/jwks", Caller.DEV, "Prefer: wait=0");

            assertThat(other.status()).isEqualTo(429);
            assertThat(jwks.status()).isEqualTo(200);
        } finally {
            budget.resume("clerk/stub");
        }
    }

    @Test
    void clerk_keys_pass_while_the_budget_is_used_up() throws IOException {
        budget.change("clerk/stub", Limit.Rate.of("instance", 1, Duration.ofHours(1)));
        try {
            Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV, "Prefer: wait=0");
            Caller.Reply other = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV, "Prefer: wait=0");
            Caller.Reply jwks = Caller.call("GET", "/clerk@stub/v1/jwks", Caller.DEV, "Prefer: wait=0");

            assertThat(other.status()).isEqualTo(429);
            assertThat(jwks.status()).isEqualTo(200);
        } finally {
            budget.change("clerk/stub", Limit.Rate.of("instance", 100_000, Duration.ofSeconds(1)));
        }
    }

    @Test
    void clari_links_lead_through_sluice_to_the_next_page() throws IOException {
        Caller.Reply first = Caller.call("GET", "/clari/v4/audit/events?limit=100", "apikey: dev-key");
        String link = new JsonObject(first.body()).getString("nextLink");
        String mount = "http://localhost:" + Caller.port() + "/clari/v4/audit/events?";

        assertThat(link).startsWith(mount);
        Caller.Reply second = Caller.call("GET", link.substring(link.indexOf("/clari")), "apikey: dev-key");

        assertThat(second.status()).isEqualTo(200);
        assertThat(new JsonObject(second.body()).getJsonArray("items")).hasSize(100);
        assertThat(first.body()).doesNotContain("/sandbox/");
    }

    @Test
    void clari_links_are_rewritten_over_http_2_too() throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            URI page = URI.create("http://localhost:" + Caller.port() + "/clari/v4/audit/events?limit=1");
            HttpResponse<String> reply = client.send(
                    HttpRequest.newBuilder(page).header("apikey", "dev-key").build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(new JsonObject(reply.body()).getString("nextLink")).startsWith(page.toString());
        }
    }

    @Test
    void customerio_sees_the_query_byte_for_byte() throws IOException {
        String query = "?email=a%2Bb%40c.de&x=a%20b&y=+z&e=%2Fp&f=&teams[]=Sales&lower=%c3%a9&&=";

        Caller.call("GET", "/customerio@stub/app/v1/customers" + query, Caller.DEV);

        assertThat(stub.only().target()).isEqualTo("/base/v1/customers" + query);
    }

    @Test
    void customerio_sees_slashes_in_identifiers_as_they_were_escaped() throws IOException {
        Caller.callWith("{}", "PUT", "/customerio@stub/track/api/v1/customers/a%2Fb%2fc%20d@e", Caller.DEV);

        assertThat(stub.only().target()).isEqualTo("/base/api/v1/customers/a%2Fb%2fc%20d@e");
    }

    @Test
    void customerio_hosts_stand_for_mounts() throws IOException {
        Caller.Reply reply = Caller.callWith(
                "{}",
                "PUT",
                "/api/v1/customers/42",
                Caller.DEV,
                "Host: Track.Sluice.Internal:8081",
                "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(stub.only().target()).isEqualTo("/base/api/v1/customers/42");
    }

    @Test
    void fathom_sees_brackets_in_parameters() throws IOException {
        Caller.call(
                "GET",
                "/fathom@stub/external/v1/meetings?teams[]=Sales&teams[]=CS&recorded_by%5B%5D=a",
                "X-Api-Key: dev-key");

        assertThat(stub.only().target())
                .isEqualTo("/base/external/v1/meetings?teams[]=Sales&teams[]=CS&recorded_by%5B%5D=a");
    }

    @Test
    void fathom_lists_the_sandboxs_meetings() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/fathom/external/v1/meetings", "X-Api-Key: dev-key");

        JsonArray items = new JsonObject(reply.body()).getJsonArray("items");
        assertThat(items).isNotEmpty();
    }

    @Test
    void every_vendor_gets_the_accounts_credential_where_it_expects_it() throws IOException {
        stub.answers(answer(200, "{}"), answer(200, "{}"), answer(200, "{}"), answer(200, "{}"), answer(200, "{}"));
        Caller.call("GET", "/clari@stub/v4/admin/limits", "apikey: dev-key");
        Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);
        Caller.call("GET", "/customerio@stub/track/api/v1/accounts/region", Caller.DEV);
        Caller.call("GET", "/customerio@stub/pipelines/v1/x", Caller.DEV);
        Caller.call("GET", "/fathom@stub/external/v1/teams", "X-Api-Key: dev-key");

        assertThat(stub.received().get(0).values("apikey")).containsExactly("stub-clari-secret");
        assertThat(stub.received().get(1).values("Authorization")).containsExactly("Bearer sk_test_stub-secret");
        assertThat(stub.received().get(2).values("Authorization"))
                .containsExactly(basic("stub-site:stub-track-secret"));
        assertThat(stub.received().get(3).values("Authorization")).containsExactly(basic("stub-pipelines-secret:"));
        assertThat(stub.received().get(4).values("X-Api-Key")).containsExactly("stub-fathom-secret");
    }

    private static String basic(String pair) {
        return "Basic "
                + java.util.Base64.getEncoder().encodeToString(pair.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
