package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A vendor that hangs, or fails again and again, with timeouts and breakers that are short enough to be waited for. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Impatient.class)
class FailingVendorTest extends MountTest {
    private static final String JSON = "Content-Type: application/json";
    private static final String BROKEN_FOR_NOW = "/clerk@stub/v1/organizations/org_";

    @AfterEach
    void heal() throws IOException {
        Caller.call("DELETE", "/sandbox/faults");
    }

    @Test
    void a_read_that_hangs_is_tried_again_and_ends_as_504_in_the_vendors_form() throws IOException {
        fault("{\"vendor\":\"clerk\",\"method\":\"GET\",\"fault\":\"hang\"}");

        Caller.Reply reply = Caller.call("GET", "/clerk/v1/users/user_1", Caller.DEV);

        assertTimedOut(reply);
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("2");
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
        awaitNothingInFlight();
    }

    @Test
    void an_unsafe_write_that_hangs_is_made_once_and_its_outcome_is_unknown() throws IOException {
        fault("{\"vendor\":\"clerk\",\"method\":\"POST\",\"fault\":\"hang\"}");

        Caller.Reply reply =
                Caller.callWith("{}", "POST", "/clerk/v1/users", Caller.DEV, "Content-Type: application/json");

        assertTimedOut(reply);
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("1");
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        awaitNothingInFlight();
    }

    @Test
    void a_creation_without_an_answer_is_looked_up() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        String user = "{\"id\":\"user_new\",\"created_at\":" + System.currentTimeMillis() + "}";
        stub.answers(answer(200, "{}").heldBy(gate), answer(200, "[" + user + "]", JSON));

        Caller.Reply reply = Caller.callWith(
                "{\"external_id\":\"e&1\",\"email_address\":[\"a@example.com\"]}",
                "POST",
                "/clerk@stub/v1/users",
                Caller.DEV,
                JSON);
        gate.countDown();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(user);
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("resolved");
        assertThat(stub.received()).hasSize(2);
        assertThat(stub.received().getLast().target()).isEqualTo("/base/v1/users?limit=2&external_id=e%261");
        assertThat(stub.received().getLast().values("Content-Type")).isEmpty();
    }

    @Test
    void a_user_that_was_there_before_or_is_not_there_tells_nothing() throws IOException {
        for (String found : List.of("[{\"id\":\"user_old\",\"created_at\":1767000000000}]", "[]")) {
            stub.reset();
            stub.answers(answer(500, "{}", JSON), answer(200, found, JSON));

            Caller.Reply reply = Caller.callWith(
                    "{\"email_address\":[\"a@example.com\"]}", "POST", "/clerk@stub/v1/users", Caller.DEV, JSON);

            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
            assertThat(stub.received().getLast().target())
                    .isEqualTo("/base/v1/users?limit=2&email_address=a%40example.com");
        }
    }

    @Test
    void a_404_after_a_deletion_that_got_no_answer_is_its_success() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        stub.answers(answer(200, "{}").heldBy(gate), answer(404, "{\"errors\":[]}", JSON));

        Caller.Reply reply = Caller.call("DELETE", "/clerk@stub/v1/users/user_1", Caller.DEV);
        gate.countDown();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("{\"object\":\"user\",\"id\":\"user_1\",\"deleted\":true}");
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("resolved");
        stub.answers(answer(404, "{\"errors\":[]}", JSON));
        assertThat(Caller.call("DELETE", "/clerk@stub/v1/users/user_1", Caller.DEV)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void a_vendor_that_fails_too_often_is_left_alone_for_a_while() throws IOException {
        stub.answers(answer(500, "1"), answer(500, "2"), answer(500, "3"), answer(500, "4"));
        for (int i = 0; i < 4; i++) {
            assertThat(Caller.call("GET", BROKEN_FOR_NOW + i, Caller.DEV).status())
                    .isEqualTo(500);
        }

        Caller.Reply open = Caller.call("GET", BROKEN_FOR_NOW, Caller.DEV);

        assertThat(open.status()).isEqualTo(429);
        assertThat(Integer.parseInt(open.header("Retry-After")))
                .as("what is left of the breaker's own delay")
                .isBetween(1, Impatient.BREAKER_SECONDS);
        JsonObject error = new JsonObject(open.body()).getJsonArray("errors").getJsonObject(0);
        assertThat(error.getString("code")).isEqualTo("too_many_requests");
        assertThat(error.getString("message")).contains("fails too often", "operation read-organization of clerk/stub");
        assertThat(error.getJsonObject("meta").getString("refused_by")).isEqualTo("circuit_breaker");
        assertThat(openCircuits())
                .singleElement()
                .satisfies(circuit -> assertThat(circuit.getString("operation")).isEqualTo("read-organization"))
                .satisfies(circuit -> assertThat(circuit.getString("team")).isEqualTo("dev"))
                .satisfies(circuit -> assertThat(circuit.getInstant("open_until"))
                        .isAfter(Instant.now().minusSeconds(60)));
        assertThat(circuitGauge()).isEqualTo(1);
        assertThat(open.values("Sluice-Outcome")).isEmpty();
        assertThat(stub.received()).hasSize(4);
        assertThat(Caller.call("GET", BROKEN_FOR_NOW, Caller.BULK).status())
                .as("another team, which has seen no failure")
                .isEqualTo(200);
        assertThat(Caller.call("GET", "/clerk@stub/v1/users/count", Caller.DEV).status())
                .as("another operation of the account")
                .isEqualTo(200);
        assertThat(Caller.call("GET", "/clerk/v1/organizations/org_1", Caller.DEV)
                        .status())
                .as("the operation on another account")
                .isEqualTo(404);
        awaitStatus(BROKEN_FOR_NOW, 200);
        assertThat(Caller.call("GET", BROKEN_FOR_NOW, Caller.DEV).status()).isEqualTo(200);
        assertThat(openCircuits()).isEmpty();
        assertThat(circuitGauge()).isZero();
    }

    private static List<JsonObject> openCircuits() throws IOException {
        return new JsonObject(
                        Caller.call("GET", "/api/limits/clerk/stub", Caller.DEV).body())
                .getJsonArray("open_circuits").stream()
                        .map(JsonObject.class::cast)
                        .toList();
    }

    private static double circuitGauge() throws IOException {
        return Management.metrics()
                .lines()
                .filter(line -> line.startsWith("sluice_circuit_open{"))
                .filter(line -> line.contains("vendor=\"clerk\"")
                        && line.contains("account=\"stub\"")
                        && line.contains("operation=\"read-organization\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void the_vendors_last_answer_is_passed_on_when_the_circuit_breaker_opens() throws IOException {
        // It opens after four calls that fail, with two attempts each.
        List<Caller.Reply> replies = new ArrayList<>();
        for (int call = 0; call < 4; call++) {
            stub.answers(answer(503, "a"), answer(503, "b"));
            replies.add(Caller.call("GET", "/clerk@stub/v1/users/user_" + call, Caller.DEV));
            stub.reset();
        }

        assertThat(replies).allSatisfy(reply -> assertThat(reply.status()).isEqualTo(503));
        assertThat(replies.getLast().body()).isEqualTo("b");
        assertThat(Caller.call("GET", "/clerk@stub/v1/users/user_9", Caller.DEV).status())
                .isEqualTo(429);
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void a_bad_request_that_one_team_repeats_stops_nobody() throws IOException {
        for (int i = 0; i < 8; i++) {
            stub.answers(answer(500, "{}"));
            assertThat(Caller.call("GET", BROKEN_FOR_NOW + "bad", Caller.DEV).status())
                    .isEqualTo(500);
        }

        assertThat(Caller.call("GET", BROKEN_FOR_NOW + "bad", Caller.BULK).status())
                .isEqualTo(200);
    }

    private static void assertTimedOut(Caller.Reply reply) {
        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        JsonObject error = new JsonObject(reply.body()).getJsonArray("errors").getJsonObject(0);
        assertThat(error.getString("code")).isEqualTo("gateway_timeout");
        assertThat(error.getString("message")).startsWith("Sluice: the vendor did not answer in time: ");
    }

    /** What a timeout leaves behind is settled by another thread. */
    private static void awaitNothingInFlight() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        int inFlight;
        do {
            Caller.Reply reply = Caller.call("GET", "/api/limits/clerk/default", Caller.DEV);
            inFlight = new JsonObject(reply.body())
                    .getJsonArray("queue").stream()
                            .mapToInt(queue -> ((JsonObject) queue).getInteger("in_flight"))
                            .sum();
        } while (inFlight > 0 && System.nanoTime() - end < 0);
        assertThat(inFlight).isZero();
    }

    private static void awaitStatus(String target, int status) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        int last;
        do {
            last = Caller.call("GET", target, Caller.DEV).status();
        } while (last != status && System.nanoTime() - end < 0);
        assertThat(last).isEqualTo(status);
    }
}
