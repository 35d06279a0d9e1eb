package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen from outside. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class ObservedTest extends MountTest {
    private static final String ID = "id_49f0c1";

    @Test
    void no_path_id_or_key_becomes_a_tag() throws IOException {
        List<String> targets = List.of(
                "/clerk@stub/v1/users/" + ID,
                "/clerk@stub/v1/users/" + ID + "/unknown?q=" + ID,
                "/customerio@stub/app/v1/" + ID,
                "/clerk@" + ID + "/v1/users",
                "/" + ID + "/v1",
                "/clerk@stub/v1/../" + ID,
                "//" + ID,
                "/api/" + ID,
                "/api/../" + ID,
                "/sandbox/clerk/v1/users/" + ID);
        for (String target : targets) {
            Caller.call("GET", target, Caller.DEV, "X-Request-Id: " + ID);
            Caller.call("POST", target, Caller.DEV, "Content-Type: no type");
            Caller.call("PROPFIND", target, Caller.DEV);
            Caller.call("GET", target, "Authorization: Bearer " + ID);
            if (!target.startsWith("/sandbox/")) {
                // The stand-ins wait for what they are told will come.
                Caller.call("POST", target, Caller.DEV, "Content-Length: 3000000000");
            }
        }
        stub.answers(answer(403, "{\"errors\":[{\"code\":\"" + ID + "\"}]}"));
        Caller.call("GET", "/clerk@stub/v1/users/" + ID, Caller.DEV);

        String metrics = Management.metrics();
        assertThat(metrics)
                .contains("sluice_calls_total")
                .contains("uri=\"/.mount\"")
                .doesNotContain(ID)
                .doesNotContain("dev-key")
                .doesNotContain("stub-secret");
    }

    @Test
    void calls_are_counted_by_vendor_account_operation_team_and_outcome() throws IOException {
        String sample = "sluice_calls_total{account=\"stub\",mp_scope=\"application\",operation=\"read-organization\","
                + "outcome=\"client_error\",team=\"bulk\",vendor=\"clerk\"}";
        double before = value(sample);
        stub.answers(answer(404, "{}"));
        Caller.call("GET", "/clerk@stub/v1/organizations/o_1", Caller.BULK);

        assertThat(value(sample)).isEqualTo(before + 1);
    }

    @Test
    void a_used_up_quota_is_told_apart_made_once_and_passed_on_whole() throws IOException {
        String sample = "sluice_calls_total{account=\"stub\",mp_scope=\"application\",operation=\"create-user\","
                + "outcome=\"quota_exceeded\",team=\"bulk\",vendor=\"clerk\"}";
        String body = "{\"errors\":[{\"code\":\"user_quota_exceeded\",\"message\":\"" + "x".repeat(20_000) + "\"}]}";
        double before = value(sample);
        stub.answers(answer(403, body, "Content-Type: application/json"));

        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@stub/v1/users", Caller.BULK);

        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.body()).isEqualTo(body);
        assertThat(stub.received()).hasSize(1);
        assertThat(value(sample)).isEqualTo(before + 1);
    }

    @Test
    void methods_with_a_rate_limit_work_while_prometheus_looks_on() throws IOException {
        // 6.10.0 of SmallRye Fault Tolerance threw at every such call: its meters' tags differed.
        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users/count", Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(Management.metrics())
                .containsPattern("ft_ratelimit_calls_total\\{[^}]*method=\"[^\"]*ClerkApi[^\"]*countUsers\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/q/health/live", "/q/health/ready", "/q/health/started"})
    void probes_answer(String probe) throws IOException {
        Caller.Reply reply = Management.get(probe);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(new JsonObject(reply.body()).getString("status")).isEqualTo("UP");
    }

    @Test
    void readiness_does_not_depend_on_vendors() throws IOException {
        assertThat(Caller.call("GET", "/clerk@gone/v1/users", Caller.DEV).status())
                .isEqualTo(502);

        assertThat(Management.get("/q/health/ready").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/q/health/ready", "/q/metrics", "/q/metrics/", "/q/%6detrics"})
    void teams_find_neither_health_nor_metrics_where_they_call(String path) throws IOException {
        Caller.Reply reply = Caller.call("GET", path, Caller.DEV);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/q/openapi", "/q/swagger-ui/", "/api/limits", "/clerk@stub/v1/users"})
    void the_management_interface_has_nothing_else(String path) throws IOException {
        assertThat(Management.get(path).status()).isEqualTo(404);
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void the_api_is_described_without_what_is_inside() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/q/openapi?format=json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(new JsonObject(reply.body()).getJsonObject("info").getString("title"))
                .isEqualTo("Sluice");
        assertThat(reply.body()).doesNotContain(".mount");
    }

    @Test
    void the_api_can_be_tried_in_a_browser() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/q/swagger-ui/");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).contains("swagger-ui");
    }

    @Test
    void every_answer_on_a_mount_has_an_id_of_its_own() throws IOException {
        String first = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV).header("Sluice-Request-Id");
        String second = Caller.call("GET", "/clerk@stub/v1/users").header("Sluice-Request-Id");

        assertThat(first).matches("req_[0-9A-HJKMNP-TV-Z]{26}");
        assertThat(second).matches("req_[0-9A-HJKMNP-TV-Z]{26}").isNotEqualTo(first);
    }

    @Test
    void answers_tell_how_the_call_went() throws IOException {
        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV);

        assertThat(reply.header("Server-Timing")).matches("queue;dur=[0-9.]+, vendor;dur=[0-9.]+");
        assertThat(reply.header("RateLimit-Policy")).matches("\"instance\";q=\\d+;w=\\d+");
        assertThat(reply.header("RateLimit")).matches("\"instance\";r=\\d+.*");
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("1");
    }

    private static double value(String sample) throws IOException {
        return Pattern.compile(Pattern.quote(sample) + " ([0-9.E]+)")
                .matcher(Management.metrics())
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group(1)))
                .sum();
    }
}
