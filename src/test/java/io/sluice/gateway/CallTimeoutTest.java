package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.sluice.budget.Budget.QueueState;
import io.sluice.gateway.SilentVendor.Ending;
import io.sluice.gateway.SilentVendor.Found;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Vendors that take a request and never answer: what ends then, when, and what becomes of the connection. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Impatient.class)
@SuppressWarnings("NullAway.Init") // the test framework fills the field
class CallTimeoutTest extends MountTest {
    private static final String JSON = "Content-Type: application/json";

    SilentVendor silent;

    @BeforeEach
    void forgetConnections() throws IOException {
        silent.readAtLast();
    }

    @Test
    void an_attempt_whose_time_is_over_is_reset() throws Exception {
        Caller.Reply reply = Caller.call("GET", "/clerk@silent/v1/users/user_1", Caller.DEV);
        await("no call is in flight", () -> inFlight("clerk/silent") == 0);

        assertThat(reply.status()).isEqualTo(504);
        assertThat(message(reply))
                .matches("Sluice: the vendor did not answer in time: 2 attempts in \\d+ ms, \\d+ ms in the queue");
        assertThat(silent.readAtLast()).extracting(Found::ending).containsExactly(Ending.RESET, Ending.RESET);
    }

    @Test
    void what_the_vendor_has_not_received_of_a_body_it_never_gets() throws Exception {
        Caller.Reply reply = Caller.callWith(
                "{\"a\":\"" + "x".repeat(8 << 20) + "\"}", "POST", "/clerk@silent/v1/organizations", Caller.DEV, JSON);
        await("no call is in flight", () -> inFlight("clerk/silent") == 0);

        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(silent.readAtLast()).singleElement().satisfies(found -> {
            assertThat(found.ending()).isEqualTo(Ending.RESET);
            assertThat(found.bytes())
                    .as("of the megabytes that were handed to the socket")
                    .isLessThan(64 * SilentVendor.RECEIVED);
        });
    }

    @Test
    void a_read_whose_whole_time_is_over_is_broken_off() throws Exception {
        Caller.Reply reply = Caller.call("GET", "/clerk@silent/v1/sessions/sess_1", Caller.DEV);
        await("no call is in flight", () -> inFlight("clerk/silent") == 0);

        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("1");
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
        assertThat(message(reply))
                .matches("Sluice: the whole call timed out: 1 attempt in \\d+ ms, \\d+ ms in the queue");
        assertThat(silent.readAtLast()).extracting(Found::ending).containsExactly(Ending.RESET);
    }

    @Test
    void no_attempt_begins_when_the_time_is_over_in_a_pause_or_in_the_queue() throws IOException {
        // The second attempt is due after the call's time.
        stub.answers(
                answer(503, "{}", JSON), answer(503, "{}", JSON), answer(503, "{}", JSON), answer(200, "{}", JSON));
        CountDownLatch never = new CountDownLatch(1);
        stub.always("GET", "/base/v1/sessions/sess_2", answer(200, "{}").heldBy(never));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/sessions/sess_2", Caller.DEV);
        never.countDown();

        assertThat(reply.status()).isEqualTo(504);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_vendor_that_opens_again_only_after_the_time_is_not_waited_for() throws IOException {
        stub.answers(answer(429, "", "Retry-After: 2"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/sessions/sess_3", Caller.DEV);

        assertThat(reply.status()).isEqualTo(429);
        assertThat(Integer.parseInt(reply.header("Retry-After"))).isBetween(1, 4);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void the_queue_before_the_first_attempt_is_no_part_of_the_time() throws Exception {
        budget.pause("clerk/stub");
        Caller.Reply reply;
        try (Caller caller = Caller.connected()) {
            caller.send("GET /clerk@stub/v1/sessions/sess_4 HTTP/1.1", List.of(Caller.DEV, "Prefer: wait=60"), "");
            await(
                    "a call waits for longer than its time-out",
                    () -> budget.state("clerk/stub").orElseThrow().queues().stream()
                            .anyMatch(queue ->
                                    queue.pending() == 1 && queue.oldestWait().toMillis() > 1_500));
            budget.resume("clerk/stub");
            reply = caller.reply("GET");
        }

        assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void a_write_whose_time_is_over_is_broken_off_and_its_outcome_unknown() throws Exception {
        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@silent/v1/organizations", Caller.DEV, JSON);
        await("no call is in flight", () -> inFlight("clerk/silent") == 0);

        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("1");
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(silent.readAtLast()).extracting(Found::ending).containsExactly(Ending.RESET);
    }

    private static String message(Caller.Reply reply) {
        return new JsonObject(reply.body())
                .getJsonArray("errors")
                .getJsonObject(0)
                .getString("message");
    }

    private int inFlight(String account) {
        return budget.state(account).orElseThrow().queues().stream()
                .mapToInt(QueueState::inFlight)
                .sum();
    }
}
