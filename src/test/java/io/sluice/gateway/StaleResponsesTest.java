package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.sluice.budget.window.Limit;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What is out of date as soon as it is kept, and served where the vendor cannot be asked. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Eager.class)
class StaleResponsesTest extends MountTest {
    private static final String USER = "/clerk@stub/v1/users/user_1";
    private static final String ORGANIZATION = "/clerk@stub/v1/organizations/org_1";
    private static final String JSON = "Content-Type: application/json";

    @AfterEach
    void openAgain() throws InterruptedException {
        budget.resume("clerk/stub");
        budget.change("clerk/stub", Limit.Rate.of("instance", 100_000, Duration.ofSeconds(1)));
        // A refresh must not take the answer of the next test.
        await(
                "no call waits or is in flight",
                () -> budget.state("clerk/stub").orElseThrow().queues().stream()
                        .allMatch(queue -> queue.pending() == 0 && queue.inFlight() == 0));
    }

    @Test
    void while_a_limit_is_closed_what_is_kept_is_served_and_refreshed_later() throws Exception {
        keep(USER, user(1));
        stub.answers(answer(200, user(2), JSON));
        budget.pause("clerk/stub");

        Caller.Reply stale = Caller.call("GET", USER, Caller.DEV);

        assertThat(stale.status()).isEqualTo(200);
        assertThat(stale.body()).isEqualTo(user(1));
        assertThat(stale.header("Cache-Status")).isEqualTo("Sluice; hit; ttl=-1; stale; detail=closed");
        assertThat(stub.received()).hasSize(1);
        budget.resume("clerk/stub");
        stub.awaitReceived(2);
        budget.pause("clerk/stub");
        await("the refreshed user is cached", () -> bodyOf(USER).equals(user(2)));
    }

    @Test
    void a_refusal_of_the_vendor_closes_and_nobody_waits_for_it_who_can_have_an_old_answer() throws IOException {
        keep("/clerk@stub/v1/users/count", "{\"total_count\":1}");
        stub.answers(answer(429, "", "Retry-After: 30"));
        Caller.call("GET", "/clerk@stub/v1/users/count?banned=true", Caller.DEV, "Prefer: wait=0");

        Caller.Reply stale = Caller.call("GET", "/clerk@stub/v1/users/count", Caller.BULK, "Prefer: wait=60");

        assertThat(stale.status()).isEqualTo(200);
        assertThat(stale.header("Cache-Status")).endsWith("stale; detail=closed");
    }

    @Test
    void a_caller_that_cannot_wait_long_enough_gets_what_is_kept() throws IOException {
        // Longer than a machine stands still: the permit that is spent here counts below.
        budget.change("clerk/stub", Limit.Rate.of("instance", 100_000, Duration.ofMinutes(10)));
        keep(ORGANIZATION, organization());
        budget.change("clerk/stub", Limit.Rate.of("instance", 1, Duration.ofMinutes(10)));

        Caller.Reply stale = Caller.call("GET", ORGANIZATION, Caller.DEV, "Prefer: wait=1");

        assertThat(stale.status()).isEqualTo(200);
        assertThat(stale.header("Cache-Status")).endsWith("stale; detail=limited");
    }

    @Test
    void a_team_that_wants_none_gets_none() throws IOException {
        keep(ORGANIZATION, organization());
        budget.pause("clerk/stub");

        assertThat(Caller.call("GET", ORGANIZATION, StubVendors.FRESH, "Prefer: wait=0")
                        .status())
                .isEqualTo(429);
        assertThat(Caller.call("GET", ORGANIZATION, Caller.DEV, "Prefer: wait=0", "Cache-Control: no-cache")
                        .status())
                .isEqualTo(429);
        assertThat(Caller.call("GET", ORGANIZATION, Caller.DEV, "Prefer: wait=0", "Cache-Control: max-age=0")
                        .status())
                .isEqualTo(429);
        assertThat(Caller.call("GET", ORGANIZATION, Caller.DEV, "Prefer: wait=0")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void what_a_write_has_spoiled_is_never_served() throws IOException {
        keep(ORGANIZATION, organization());
        Caller.callWith("{}", "PATCH", ORGANIZATION, Caller.DEV, JSON);
        budget.pause("clerk/stub");

        assertThat(Caller.call("GET", ORGANIZATION, Caller.DEV, "Prefer: wait=0")
                        .status())
                .isEqualTo(429);
    }

    @Test
    void an_old_answer_is_better_than_a_vendor_that_fails() throws IOException {
        keep(ORGANIZATION, organization());
        for (int i = 0; i < 20; i++) {
            stub.answers(answer(500, "{}", JSON));
        }
        assertStale(Caller.call("GET", ORGANIZATION, Caller.DEV));
        assertStale(Caller.call("GET", ORGANIZATION, Caller.BULK));
        int sent = stub.received().size();

        assertStale(Caller.call("GET", ORGANIZATION, Caller.DEV));

        assertThat(stub.received()).as("the circuit breaker is open").hasSize(sent);
    }

    private static void assertStale(Caller.Reply stale) {
        assertThat(stale.status()).isEqualTo(200);
        assertThat(stale.body()).isEqualTo(organization());
        assertThat(stale.header("Cache-Status")).endsWith("stale; detail=vendor-failed");
    }

    private void keep(String target, String body) throws IOException {
        stub.answers(answer(200, body, JSON));
        assertThat(Caller.call("GET", target, Caller.DEV).header("Cache-Status"))
                .endsWith("stored");
    }

    private static String bodyOf(String target) {
        try {
            return Caller.call("GET", target, Caller.DEV, "Prefer: wait=0").body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String user(long updatedAt) {
        return "{\"object\":\"user\",\"id\":\"user_1\",\"updated_at\":" + updatedAt + "}";
    }

    private static String organization() {
        return "{\"object\":\"organization\",\"id\":\"org_1\",\"slug\":\"acme\",\"updated_at\":1}";
    }
}
