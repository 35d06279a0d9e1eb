package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Calls that must not be made twice, although their callers repeat them. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class IdempotencyFilterTest extends MountTest {
    private static final String SEND = "/customerio@stub/app/v1/send/email";
    private static final String AGAIN = "X-Retry-Count: 1";

    @Test
    void an_sdk_that_repeats_a_mail_gets_the_first_answer() throws IOException {
        stub.answers(answer(200, "{\"delivery_id\":\"one\"}", "Content-Type: application/json"));
        Caller.Reply first = send("{\"to\":\"a@b.c\",\"n\":1}");

        Caller.Reply second = send("{\"to\":\"a@b.c\",\"n\":1}", AGAIN);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body()).isEqualTo("{\"delivery_id\":\"one\"}");
        assertThat(second.header("Content-Type")).isEqualTo("application/json");
        assertThat(second.header("Sluice-Replayed")).isEqualTo("true");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_repetition_waits_for_a_first_call_that_is_under_way_although_its_caller_has_left() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        stub.answers(answer(200, "{\"delivery_id\":\"slow\"}").heldBy(gate));
        String body = "{\"to\":\"a@b.c\",\"n\":2}";
        try (Caller impatient = Caller.connected()) {
            impatient.sendWith(body, "POST", SEND, Caller.DEV, "Content-Type: application/json");
            stub.awaitReceived(1);
        }

        CompletableFuture<Caller.Reply> second = CompletableFuture.supplyAsync(() -> {
            try {
                return send(body, AGAIN);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        gate.countDown();

        assertThat(second.get().body()).isEqualTo("{\"delivery_id\":\"slow\"}");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void what_may_have_been_carried_out_is_not_made_again() throws IOException {
        stub.answers(StubVendor.lost());

        Caller.Reply first = send("{\"to\":\"a@b.c\",\"n\":3}");
        Caller.Reply second = send("{\"to\":\"a@b.c\",\"n\":3}", AGAIN);

        assertThat(first.status()).isEqualTo(502);
        assertThat(second.status()).isEqualTo(502);
        assertThat(second.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void what_was_surely_not_carried_out_is_made_again() throws IOException {
        budget.pause("customerio/stub");
        Caller.Reply first;
        try {
            first = send("{\"to\":\"a@b.c\",\"n\":4}", "Prefer: wait=0");
        } finally {
            budget.resume("customerio/stub");
        }

        Caller.Reply second = send("{\"to\":\"a@b.c\",\"n\":4}", AGAIN);

        assertThat(first.status()).isEqualTo(429);
        assertThat(second.status()).isEqualTo(200);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void equal_calls_that_are_no_repetitions_are_made_each() throws IOException {
        send("{\"to\":\"a@b.c\",\"n\":5}");
        send("{\"to\":\"a@b.c\",\"n\":5}");
        Caller.callWith("{\"to\":\"a@b.c\",\"n\":5}", "POST", SEND, Caller.BULK, AGAIN);

        assertThat(stub.received()).hasSize(3);
    }

    @Test
    void a_mail_with_attachments_is_known_again_too_and_one_beyond_all_bounds_is_not_repeated() throws IOException {
        stub.answers(answer(200, "{\"delivery_id\":\"large\"}"), answer(200, "{\"delivery_id\":\"huge\"}"));
        String large = "{\"to\":\"a@b.c\",\"attachments\":\"" + "x".repeat(700_000) + "\"}";
        String huge = "{\"to\":\"a@b.c\",\"attachments\":\"" + "x".repeat(5_000_000) + "\"}";

        assertThat(send(large).body()).contains("large");
        assertThat(send(large, AGAIN).body()).contains("large");
        assertThat(send(huge).body()).contains("huge");
        Caller.Reply again = send(huge, AGAIN);

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(send(huge, "Idempotency-Key: huge").status()).isEqualTo(413);
        assertThat(stub.received()).hasSize(2);
    }

    @Test
    void a_key_has_the_first_answer_given_again_and_takes_no_other_request() throws IOException {
        stub.answers(answer(200, "{\"delivery_id\":\"keyed\"}"));
        String key = "Idempotency-Key: k-" + System.nanoTime();

        Caller.Reply first = send("{\"to\":\"a@b.c\",\"n\":6}", key);
        Caller.Reply second = send("{\"to\":\"a@b.c\",\"n\":6}", key);
        Caller.Reply other = send("{\"to\":\"a@b.c\",\"n\":7}", key);

        assertThat(second.body()).isEqualTo(first.body()).isEqualTo("{\"delivery_id\":\"keyed\"}");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.body()).contains("Idempotency-Key");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_key_makes_a_stored_call_one_too() throws Exception {
        String key = "Idempotency-Key: d-" + System.nanoTime();
        String target = "/customerio@stub/track/api/v1/customers/once/events";

        Caller.Reply first =
                Caller.callWith("{\"name\":\"n\"}", "POST", target, Caller.DEV, key, "Prefer: respond-async");
        Caller.Reply second =
                Caller.callWith("{\"name\":\"n\"}", "POST", target, Caller.DEV, key, "Prefer: respond-async");

        assertThat(first.status()).isEqualTo(202);
        assertThat(second.body()).isEqualTo(first.body());
        Awaiting.delivered(first.header("Sluice-Delivery"));
    }

    private static Caller.Reply send(String body, String... headers) throws IOException {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = Caller.DEV;
        all[headers.length + 1] = "Content-Type: application/json";
        return Caller.callWith(body, "POST", SEND, all);
    }
}
