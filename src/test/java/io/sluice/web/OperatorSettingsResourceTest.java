package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.AccountId;
import io.sluice.CapturedLog;
import io.sluice.gateway.Caller;
import io.sluice.gateway.Caller.Reply;
import io.sluice.gateway.StubVendors;
import io.sluice.operator.LimitSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reason, author and end of pauses and changed limits, over HTTP. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class OperatorSettingsResourceTest {
    private static final String FATHOM = "/api/limits/fathom/stub";
    private static final String QUEUES = "/api/deliveries/queues/customerio/later";
    private static final String JSON = "Content-Type: application/json";

    @Inject
    LimitSettings settings;

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(AdminLog.class);

    @AfterEach
    void restore() throws IOException {
        settings.resume(new AccountId("fathom", "stub"));
        settings.restore(new AccountId("fathom", "stub"), "account");
        Caller.call("POST", QUEUES + "/resume", Caller.DEV);
    }

    @Test
    void a_pause_tells_who_made_it_when_why_and_until_when_and_a_resumption_takes_that_away() throws IOException {
        Instant before = Instant.now();

        Reply paused = post("{\"reason\":\"asked for by the vendor\",\"for_ms\":3600000}", FATHOM + "/pause");

        assertThat(paused.status()).as(paused.text()).isEqualTo(200);
        JsonObject pause = new JsonObject(paused.body()).getJsonObject("pause");
        assertThat(pause.fieldNames()).containsExactlyInAnyOrder("by", "at", "reason", "until");
        assertThat(pause.getString("by")).isEqualTo("dev");
        assertThat(pause.getString("reason")).isEqualTo("asked for by the vendor");
        Instant at = pause.getInstant("at");
        assertThat(at).isBetween(before.minusMillis(1), Instant.now());
        assertThat(pause.getInstant("until")).isEqualTo(at.plus(Duration.ofHours(1)));
        assertThat(new JsonObject(paused.body()).getBoolean("paused")).isTrue();
        assertThat(new JsonObject(paused.body()).fieldNames()).doesNotContain("durable");
        assertThat(log.lines())
                .filteredOn(line -> line.contains("action=pause"))
                .singleElement(STRING)
                .endsWith("vendor=fathom account=stub reason=\"asked for by the vendor\" until="
                        + pause.getString("until"));

        JsonObject resumed = new JsonObject(
                Caller.call("POST", FATHOM + "/resume", Caller.DEV).body());
        assertThat(resumed.getBoolean("paused")).isFalse();
        assertThat(resumed.fieldNames()).doesNotContain("pause");
    }

    @Test
    void a_pause_needs_no_body_whatever_media_type_a_client_sends_with_none() throws IOException {
        for (String[] headers : new String[][] {
            {Caller.DEV}, {Caller.DEV, JSON}, {Caller.DEV, "Content-Type: application/x-www-form-urlencoded"}
        }) {
            for (String path : List.of(FATHOM + "/pause", QUEUES + "/pause", QUEUES + "/drain")) {
                Reply reply = Caller.callWith("", "POST", path, headers);

                assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            }
        }
        assertThat(account().getJsonObject("pause").fieldNames()).containsExactlyInAnyOrder("by", "at");
    }

    @ParameterizedTest
    @ValueSource(strings = {FATHOM + "/pause", QUEUES + "/pause", QUEUES + "/drain"})
    void what_a_pause_cannot_mean_is_refused_and_pauses_nothing(String path) throws IOException {
        refused(post("{\"reason\":{}}", path), 400, "malformed-json", "in reason");
        refused(post("{\"why\":\"x\"}", path), 400, "malformed-json", "in why");
        refused(post("{\"until\":\"tomorrow\"}", path), 400, "malformed-json", "in until");
        refused(post("{\"until\":\"2020-01-01T00:00:00Z\"}", path), 422, "invalid", "until must be in the future");
        refused(post("{\"until\":\"9999-01-01T00:00:00Z\"}", path), 422, "invalid", "at most 366 days away");
        refused(post("{\"for_ms\":0}", path), 422, "invalid", "for_ms must be greater than or equal to 1");
        refused(post("{\"for_ms\":9223372036854775807}", path), 422, "invalid", "for_ms must be at most 366 days");
        refused(
                post("{\"for_ms\":1000,\"until\":\"2099-01-01T00:00:00Z\"}", path),
                422,
                "invalid",
                "until or for_ms, not both");
        refused(post("{\"reason\":\"" + "x".repeat(501) + "\"}", path), 422, "invalid", "reason size must be");
        refused(post("{\"reason\":\"a\\u0000b\"}", path), 422, "invalid", "reason must have no null character");
        refused(
                Caller.callWith(
                        "reason=x", "POST", path, Caller.DEV, "Content-Type: application/x-www-form-urlencoded"),
                415,
                "unsupported-media-type",
                "application/json");

        assertThat(account().getBoolean("paused")).isFalse();
    }

    @Test
    void a_changed_limit_tells_who_changed_it_and_is_as_configured_once_that_is_deleted() throws IOException {
        long configured = limit("account").getLong("permits");

        Reply changed = Caller.callWith(
                "{\"permits\":7,\"reason\":\"the vendor is slow\",\"for_ms\":60000}",
                "PUT",
                FATHOM + "/account",
                Caller.DEV,
                JSON);

        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        JsonObject limit = limit("account");
        assertThat(limit.getLong("permits")).isEqualTo(7);
        JsonObject change = limit.getJsonObject("change");
        assertThat(change.getString("by")).isEqualTo("dev");
        assertThat(change.getString("reason")).isEqualTo("the vendor is slow");
        assertThat(change.getInstant("until")).isEqualTo(change.getInstant("at").plus(Duration.ofMinutes(1)));

        Reply deleted = Caller.call("DELETE", FATHOM + "/account", Caller.DEV);
        Reply again = Caller.call("DELETE", FATHOM + "/account", Caller.DEV);
        assertThat(deleted.status()).isEqualTo(200);
        assertThat(again.status()).isEqualTo(200);
        assertThat(limit("account").getLong("permits")).isEqualTo(configured);
        assertThat(limit("account").fieldNames()).doesNotContain("change");
        assertThat(log.lines())
                .filteredOn(line -> line.contains("action=restore-limit"))
                .hasSize(2);
    }

    @Test
    void a_reset_of_a_count_leaves_a_changed_limit_as_it_is() throws IOException {
        Caller.callWith("{\"permits\":7}", "PUT", FATHOM + "/account", Caller.DEV, JSON);

        post("{\"reason\":\"counted twice\"}", FATHOM + "/account/reset");

        assertThat(limit("account").getLong("permits")).isEqualTo(7);
        assertThat(limit("account").getJsonObject("change").getString("by")).isEqualTo("dev");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"bursts\":\"allowed\",\"for_ms\":1000}|422|invalid|need permits",
                "{\"for_ms\":1000}|422|invalid|name what to change",
                "{\"permits\":5,\"for_ms\":0}|422|invalid|for_ms must be",
                "{\"permits\":5,\"until\":\"2020-01-01T00:00:00Z\"}|422|invalid|in the future"
            })
    void a_change_whose_end_makes_no_sense_is_refused(String body, int status, String type, String detail)
            throws IOException {
        refused(Caller.callWith(body, "PUT", FATHOM + "/account", Caller.DEV, JSON), status, type, detail);

        assertThat(limit("account").fieldNames()).doesNotContain("change");
    }

    @Test
    void only_admins_restore_limits_and_only_those_that_there_are() throws IOException {
        refused(Caller.call("DELETE", FATHOM + "/account", Caller.BULK), 403, "forbidden", "admin");
        refused(Caller.call("DELETE", FATHOM + "/nothing", Caller.DEV), 404, "not-found", "no limit nothing");
        refused(
                Caller.call("DELETE", "/api/limits/fathom/nobody/account", Caller.DEV),
                404,
                "not-found",
                "no account fathom/nobody");
    }

    @Test
    void a_queue_tells_who_paused_or_drains_it() throws IOException {
        Caller.callWith("{}", "PUT", "/customerio@later/track/api/v1/customers/settings", Caller.DEV, JSON);

        post("{\"reason\":\"the workspace moves\"}", QUEUES + "/drain");

        JsonArray queues = new JsonArray(
                Caller.call("GET", "/api/deliveries/queues", Caller.DEV).body());
        assertThat(queues.stream().map(JsonObject.class::cast))
                .filteredOn(queue -> queue.getString("account").equals("later"))
                .isNotEmpty()
                .allSatisfy(queue -> {
                    assertThat(queue.getBoolean("draining")).isTrue();
                    assertThat(queue.getJsonObject("change").getString("by")).isEqualTo("dev");
                    assertThat(queue.getJsonObject("change").getString("reason"))
                            .isEqualTo("the workspace moves");
                });
    }

    private static void refused(Reply reply, int status, String type, String detail) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        JsonObject problem = new JsonObject(reply.body());
        assertThat(problem.getString("type")).isEqualTo("urn:sluice:problem:" + type);
        assertThat(problem.getString("detail")).contains(detail);
    }

    private static JsonObject account() throws IOException {
        return new JsonObject(Caller.call("GET", FATHOM, Caller.DEV).body());
    }

    private static JsonObject limit(String name) throws IOException {
        return account().getJsonArray("limits").stream()
                .map(JsonObject.class::cast)
                .filter(limit -> limit.getString("limit").equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Reply post(String body, String path) throws IOException {
        return Caller.callWith(body, "POST", path, Caller.DEV, JSON);
    }
}
