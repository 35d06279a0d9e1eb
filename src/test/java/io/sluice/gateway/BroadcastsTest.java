package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.reconcile.CreatedResourceClaims;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Broadcasts, which reach a whole audience: each is triggered once, and what became of it is found out. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@SuppressWarnings("NullAway.Init") // injected
class BroadcastsTest extends MountTest {
    @Inject
    CreatedResourceClaims claims;

    private static final String TRIGGERS = "/customerio@mass/app/v1/campaigns/7/triggers";
    private static final String BODY = "{\"ids\":[\"1\"]}";
    private static final String OPERATION = "{\"vendor\":\"customerio\",\"operation\":\"trigger-broadcast\",";

    @BeforeEach
    void hurry() throws Exception {
        sandbox("limits/customerio/broadcast", "{\"permits\":1000}");
        sandbox("limits/customerio/query", "{\"permits\":100000}");
        sandbox("settings/customerio", "{\"broadcast_ms\":0}");
        await("five places in the queue of broadcasts are free", () -> free() == 5);
    }

    @AfterEach
    void forgetSandbox() throws IOException {
        Caller.callWith("", "POST", "/sandbox/reset");
    }

    @Test
    void a_trigger_whose_answer_is_lost_is_found_in_the_list_and_not_made_again() throws IOException {
        trigger("7");
        int before = triggers().size();
        fault(OPERATION + "\"fault\":\"lost-answer\",\"times\":1}");

        Caller.Reply found = trigger("7");

        assertThat(found.status()).isEqualTo(200);
        assertThat(found.header("Sluice-Outcome")).isEqualTo("resolved");
        assertThat(triggers()).hasSize(before + 1);
        JsonObject last = triggers().getJsonObject(before);
        assertThat(new JsonObject(found.body())).isEqualTo(new JsonObject().put("id", last.getLong("id")));
        assertThat(outcomes()).isEqualTo(new JsonObject().put("200", 1).put("lost 200", 1));
    }

    @Test
    void one_that_is_not_in_the_list_stays_unknown_and_is_not_made_again() throws IOException {
        fault(OPERATION + "\"fault\":\"reset\",\"times\":1}");

        Caller.Reply unknown = trigger("8");
        Caller.Reply again = trigger("8", "X-Retry-Count: 1");

        assertThat(unknown.status()).isEqualTo(502);
        assertThat(unknown.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(again.header("Sluice-Replayed")).isEqualTo("true");
        assertThat(triggers().stream().map(JsonObject.class::cast))
                .noneMatch(trigger -> trigger.getString("broadcast_id").equals("8"));
    }

    @Test
    void another_callers_trigger_is_not_taken_for_it() throws IOException {
        fault(OPERATION + "\"fault\":\"status\",\"status\":500,\"times\":1}");
        fault(
                "{\"vendor\":\"customerio\",\"operation\":\"list-triggers\",\"fault\":\"status\",\"status\":404,\"times\":1}");

        // The list cannot be read before, so whatever is in it afterwards proves nothing.
        Caller.Reply unknown = trigger("17");

        assertThat(unknown.status()).isEqualTo(500);
        assertThat(unknown.header("Sluice-Outcome")).isEqualTo("unknown");
    }

    @Test
    void one_that_may_be_another_processs_stays_unknown_until_that_ones_outcome_is_known() throws IOException {
        String list = "customerio/mass broadcast 27";
        Instant end = Instant.now().plusSeconds(60);
        claims.begin(list, "of another process", end);
        fault(OPERATION + "\"fault\":\"lost-answer\",\"times\":2}");

        Caller.Reply unknown = trigger("27");
        claims.abort("of another process");
        Caller.Reply found = trigger("27");

        assertThat(unknown.status()).isEqualTo(502);
        assertThat(unknown.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(found.status()).isEqualTo(200);
        assertThat(found.header("Sluice-Outcome")).isEqualTo("resolved");
    }

    @Test
    void a_sixth_waits_until_one_of_five_is_processed() throws Exception {
        sandbox("settings/customerio", "{\"broadcast_ms\":600000}");
        for (int i = 0; i < 5; i++) {
            assertThat(trigger(Integer.toString(i)).status()).isEqualTo(200);
        }

        Caller.Reply tooMany = trigger("9", "Prefer: wait=0");

        assertThat(tooMany.status()).isEqualTo(429);
        assertThat(tooMany.header("Sluice-Attempts")).isEqualTo("0");
        assertThat(free()).isZero();
        sandbox("settings/customerio", "{\"broadcast_ms\":0}");
        assertThat(trigger("9", "Prefer: wait=20").status()).isEqualTo(200);
        assertThat(outcomes()).isEqualTo(new JsonObject().put("200", 6));
    }

    @Test
    void those_that_others_have_triggered_count_as_far_as_the_list_tells() throws IOException {
        sandbox("settings/customerio", "{\"broadcast_ms\":600000}");
        for (int i = 0; i < 5; i++) {
            Caller.Reply other = Caller.callWith(
                    BODY,
                    "POST",
                    "/sandbox/customerio/app/v1/campaigns/7/triggers",
                    "Authorization: Bearer sandbox-app-key",
                    "Content-Type: application/json");
            assertThat(other.status()).isEqualTo(200);
        }

        Caller.Reply tooMany = trigger("7", "Prefer: wait=1");

        assertThat(tooMany.status()).isEqualTo(429);
        assertThat(tooMany.header("Sluice-Attempts")).isEqualTo("0");
    }

    private static Caller.Reply trigger(String broadcast, String... headers) throws IOException {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = Caller.DEV;
        all[headers.length + 1] = "Content-Type: application/json";
        return Caller.callWith(BODY, "POST", TRIGGERS.replace("/7/", "/" + broadcast + "/"), all);
    }

    private static void sandbox(String what, String change) throws IOException {
        Caller.Reply reply = Caller.callWith(change, "PUT", "/sandbox/" + what);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }

    private static JsonArray triggers() throws IOException {
        return new JsonObject(Caller.call("GET", "/sandbox/report/customerio/broadcasts")
                        .body())
                .getJsonArray("triggers");
    }

    private static JsonObject outcomes() throws IOException {
        return new JsonObject(Caller.call("GET", "/sandbox/report/customerio").body())
                .getJsonObject("calls")
                .getJsonObject("trigger-broadcast");
    }

    private static long free() {
        try {
            Caller.Reply reply = Caller.call("GET", "/api/limits/customerio/mass", Caller.DEV);
            return new JsonObject(reply.body())
                    .getJsonArray("limits").stream()
                            .map(JsonObject.class::cast)
                            .filter(limit -> limit.getString("limit").equals("broadcast-queue"))
                            .findFirst()
                            .orElseThrow()
                            .getLong("remaining");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
