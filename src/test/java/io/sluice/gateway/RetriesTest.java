package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static io.sluice.gateway.StubVendor.lost;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Budget;
import io.sluice.budget.window.Limit;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is tried again, what never is, and what the caller is told. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class RetriesTest extends MountTest {
    private static final String READ = "/clerk@stub/v1/users/user_1";
    private static final String UNSAFE = "/clerk@stub/v1/users";
    private static final String FATHOM = "fathom/stub";

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void a_read_is_tried_again_after_a_failure_of_the_vendor(int status) throws IOException {
        stub.answers(answer(status, "no"), answer(200, "yes"));

        Caller.Reply reply = Caller.call("GET", READ, Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("yes");
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("2");
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
    }

    @Test
    void a_read_is_tried_again_after_a_lost_answer() throws IOException {
        stub.answers(lost(), answer(200, "yes"));

        Caller.Reply reply = Caller.call("GET", READ, Caller.DEV);

        assertThat(reply.body()).isEqualTo("yes");
        assertThat(stub.received()).hasSize(2);
    }

    @Test
    void a_read_that_fails_for_good_gets_the_vendors_last_answer() throws IOException {
        stub.answers(
                answer(503, "1"), answer(502, "2"), answer(503, "3"), answer(500, "last", "Content-Type: text/odd"));

        Caller.Reply reply = Caller.call("GET", READ, Caller.DEV);

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).isEqualTo("last");
        assertThat(reply.header("Content-Type")).isEqualTo("text/odd");
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("4");
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
    }

    @Test
    void a_read_that_no_vendor_answers_ends_as_502_in_the_vendors_form() throws IOException {
        stub.answers(lost(), lost(), lost(), lost());

        Caller.Reply reply = Caller.call("GET", READ, Caller.DEV);

        assertThat(reply.status()).isEqualTo(502);
        assertThat(new JsonObject(reply.body()).getJsonArray("errors")).hasSize(1);
        assertThat(stub.received()).hasSize(4);
    }

    @Test
    void a_repeated_write_carries_the_same_body() throws IOException {
        stub.answers(answer(503, "no"), lost(), answer(200, "yes"));

        Caller.Reply reply = Caller.callWith(
                "{\"x\":1}", "PATCH", "/clerk@stub/v1/users/u_1", Caller.DEV, "Content-Type: application/json");

        assertThat(reply.body()).isEqualTo("yes");
        assertThat(stub.received()).hasSize(3).allSatisfy(request -> {
            assertThat(request.body()).isEqualTo("{\"x\":1}");
            assertThat(request.method()).isEqualTo("PATCH");
        });
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void an_unsafe_write_is_not_tried_again_after_a_failure_and_its_outcome_is_unknown(int status) throws IOException {
        stub.answers(answer(status, "no"));

        Caller.Reply reply = Caller.callWith("{}", "POST", UNSAFE, Caller.DEV);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).isEqualTo("no");
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void an_unsafe_write_is_not_tried_again_after_a_lost_answer_and_its_outcome_is_unknown() throws IOException {
        stub.answers(lost());

        Caller.Reply reply = Caller.callWith("{}", "POST", UNSAFE, Caller.DEV);

        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void an_unsafe_write_whose_answer_is_lost_is_done_once_and_found() throws IOException {
        fault("{\"vendor\":\"clerk\",\"operation\":\"create-user\",\"fault\":\"lost-answer\",\"times\":1}");

        Caller.Reply reply = Caller.callWith(
                "{\"external_id\":\"once\"}", "POST", "/clerk/v1/users", Caller.DEV, "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("resolved");
        assertThat(new JsonObject(reply.body()).getString("external_id")).isEqualTo("once");
        JsonObject calls =
                new JsonObject(Caller.call("GET", "/sandbox/report/clerk").body()).getJsonObject("calls");
        assertThat(calls.getJsonObject("create-user").getMap()).containsOnly(java.util.Map.entry("lost 200", 1));
    }

    @Test
    void an_unsafe_write_is_tried_again_after_a_throttle() throws IOException {
        stub.answers(answer(429, "slow down", "Retry-After: 0"), answer(200, "done"));

        Caller.Reply reply = Caller.callWith("{\"x\":1}", "POST", UNSAFE, Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("done");
        assertThat(stub.received())
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.body()).isEqualTo("{\"x\":1}"));
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
    }

    @Test
    void an_unsafe_write_is_tried_again_where_no_connection_can_be_made() throws IOException {
        Caller.Reply reply = Caller.callWith("{}", "POST", "/clerk@gone/v1/users", Caller.DEV);

        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("4");
        assertThat(reply.values("Sluice-Outcome")).isEmpty();
    }

    @Test
    void a_body_too_large_to_keep_is_sent_once() throws IOException {
        stub.answers(answer(503, "no"));

        Caller.Reply reply = Caller.callWith("x".repeat(1_000_000), "PATCH", "/clerk@stub/v1/users/u_1", Caller.DEV);

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.body()).isEqualTo("no");
        assertThat(reply.header("Sluice-Outcome")).isEqualTo("unknown");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void every_attempt_spends_a_permit() throws IOException {
        Limit configured = heavy().limit();
        // So long that no permit is forgotten before all are counted, however slow the machine is.
        budget.change(FATHOM, Limit.Rate.of("heavy", configured.permits(), Duration.ofMinutes(10)));
        try {
            long before = heavy().used();
            stub.answers(answer(503, "no"), answer(503, "no"), answer(200, "yes"));

            Caller.Reply reply = Caller.call("GET", "/fathom@stub/external/v1/recordings/1/summary", Caller.DEV);

            assertThat(reply.status()).isEqualTo(200);
            assertThat(heavy().used() - before).isEqualTo(3);
        } finally {
            budget.change(FATHOM, configured);
        }
    }

    private Budget.LimitState heavy() {
        return budget.state(FATHOM).orElseThrow().limits().stream()
                .filter(limit -> limit.limit().name().equals("heavy"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_quota_that_is_used_up_is_passed_on_and_not_tried_again() throws IOException {
        stub.answers(answer(403, "{\"errors\":[{\"code\":\"quota_exceeded\"}]}", "Content-Type: application/json"));

        Caller.Reply reply = Caller.call("GET", READ, Caller.DEV);

        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.body()).contains("quota_exceeded");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void calls_that_wait_after_a_throttle_keep_no_connection_from_others() throws Exception {
        int waiting = 60;
        CountDownLatch all = new CountDownLatch(1);
        for (int i = 0; i < waiting; i++) {
            stub.answers(answer(429, "{\"e\":\"" + "x".repeat(100_000) + "\"}", "Retry-After: 2")
                    .heldBy(all));
        }
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Caller.Reply>> replies = new ArrayList<>();
            for (int i = 0; i < waiting; i++) {
                replies.add(callers.submit(() -> Caller.callWith("{}", "POST", UNSAFE, Caller.DEV)));
            }
            stub.awaitReceived(50);
            all.countDown();

            assertThat(Caller.call("GET", "/clerk@stub/v1/jwks", Caller.DEV).status())
                    .isEqualTo(200);
            for (Future<Caller.Reply> reply : replies) {
                assertThat(reply.get().status()).isEqualTo(200);
            }
        }
    }
}
