package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Budget;
import io.sluice.budget.Ticker;
import io.sluice.budget.window.Limit;
import io.sluice.call.Call;
import io.sluice.call.CallBuilder;
import io.sluice.call.Target;
import io.sluice.call.failure.NoPermitException;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.saas.Route;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Callers that have to wait for a permit, and those that get none. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@SuppressWarnings("NullAway.Init") // injected
class WaitingTest extends MountTest {
    @Inject
    Mounts mounts;

    @Inject
    Ticker ticker;

    @AfterEach
    void openAgain() {
        budget.resume("clerk/stub");
        budget.resume("fathom/stub");
        budget.change("clerk/stub", Limit.Rate.of("instance", 100_000, Duration.ofSeconds(1)));
    }

    @Test
    void a_throttle_of_the_vendor_closes_the_limit_for_everybody() throws IOException {
        stub.answers(answer(429, "", "Retry-After: 30"));
        Caller.callWith("{}", "POST", "/customerio@throttled/track/api/v1/events", Caller.DEV, "Prefer: wait=0");

        Caller.Reply other = Caller.callWith(
                "{}", "POST", "/customerio@throttled/track/api/v1/customers/1/events", Caller.BULK, "Prefer: wait=0");

        assertThat(other.status()).isEqualTo(429);
        assertThat(Integer.parseInt(other.header("Retry-After")))
                .as("what is left of what the vendor said")
                .isBetween(20, 32);
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_caller_that_waits_gets_its_answer_when_the_vendor_opens_again() throws IOException {
        stub.answers(answer(429, "", "Retry-After: 1"), answer(200, "later"));

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/organizations/o_1", Caller.DEV);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("later");
        assertThat(reply.header("Sluice-Attempts")).isEqualTo("2");
    }

    @Test
    void a_refusal_names_the_limit_who_is_ahead_and_when_it_would_go() throws IOException {
        budget.change("clerk/stub", Limit.Rate.of("instance", 1, Duration.ofMinutes(10)));
        Caller.call("GET", "/clerk@stub/v1/organizations/o_1", Caller.DEV);

        Caller.Reply reply = Caller.call("GET", "/clerk@stub/v1/organizations/o_1", Caller.DEV, "Prefer: wait=0");

        assertThat(reply.status()).isEqualTo(429);
        String wait = reply.header("Retry-After");
        assertThat(Integer.parseInt(wait)).isGreaterThan(500);
        JsonObject error = new JsonObject(reply.body()).getJsonArray("errors").getJsonObject(0);
        assertThat(error.getString("message"))
                .contains("limit instance: 0 calls are ahead, it would go in " + wait + " s");
        assertThat(error.getJsonObject("meta").getString("limit")).isEqualTo("instance");
        assertThat(error.getJsonObject("meta").getInteger("calls_ahead")).isZero();
        assertThat(error.getJsonObject("meta").getInteger("resets_in")).isEqualTo(Integer.parseInt(wait));
    }

    @Test
    void refusals_are_429_in_the_vendors_form() throws IOException {
        for (String account : List.of("clari/stub", "clerk/stub", "customerio/stub", "fathom/stub")) {
            budget.pause(account);
        }
        try {
            Caller.Reply clari = Caller.call("GET", "/clari@stub/v4/x", Caller.DEV, "Prefer: wait=0");
            Caller.Reply clerk = Caller.call("GET", "/clerk@stub/v1/x", Caller.DEV, "Prefer: wait=0");
            Caller.Reply track = Caller.call("GET", "/customerio@stub/track/api/v1/x", Caller.DEV, "Prefer: wait=0");
            Caller.Reply app = Caller.call("GET", "/customerio@stub/app/v1/x", Caller.DEV, "Prefer: wait=0");
            Caller.Reply fathom = Caller.call("GET", "/fathom@stub/external/v1/x", Caller.DEV, "Prefer: wait=0");

            assertThat(List.of(clari, clerk, track, app, fathom)).allSatisfy(reply -> {
                assertThat(reply.status()).isEqualTo(429);
                assertThat(reply.header("Content-Type")).isEqualTo("application/json");
                assertThat(Integer.parseInt(reply.header("Retry-After"))).isPositive();
            });
            assertThat(new JsonObject(clari.body()).getString("code")).isEqualTo("too_many_requests");
            assertThat(new JsonObject(clerk.body())
                            .getJsonArray("errors")
                            .getJsonObject(0)
                            .getString("code"))
                    .isEqualTo("too_many_requests");
            assertThat(new JsonObject(track.body()).getJsonObject("meta").getJsonArray("errors"))
                    .hasSize(1);
            assertThat(new JsonObject(app.body())
                            .getJsonArray("errors")
                            .getJsonObject(0)
                            .getString("status"))
                    .isEqualTo("429");
            assertThat(new JsonObject(fathom.body()).getString("message")).startsWith("Sluice: ");
            assertThat(stub.received()).isEmpty();
        } finally {
            for (String account : List.of("clari/stub", "clerk/stub", "customerio/stub", "fathom/stub")) {
                budget.resume(account);
            }
        }
    }

    @Test
    void a_caller_waits_as_long_as_it_prefers() throws Exception {
        budget.pause("clerk/stub");
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Caller.Reply> patient = callers.submit(
                    () -> Caller.call("GET", "/clerk@stub/v1/patient", Caller.DEV, "Prefer: respond-sync, wait=30"));
            awaitPending("clerk/stub", "dev", 1);
            Caller.Reply hasty = Caller.call("GET", "/clerk@stub/v1/hasty", Caller.DEV, "Prefer: wait=0");
            budget.resume("clerk/stub");

            assertThat(hasty.status()).isEqualTo(429);
            assertThat(patient.get().status()).isEqualTo(200);
        }
        assertThat(stub.only().target()).isEqualTo("/base/v1/patient");
    }

    @Test
    void a_caller_that_leaves_leaves_the_queue() throws Exception {
        budget.pause("clerk/stub");
        try (Caller caller = Caller.connected()) {
            caller.send("GET /clerk@stub/v1/users HTTP/1.1", List.of(Caller.DEV, "Prefer: wait=60"), "");
            awaitPending("clerk/stub", "dev", 1);
        }
        awaitPending("clerk/stub", "dev", 0);
        budget.resume("clerk/stub");

        assertThat(Caller.call("GET", "/clerk@stub/v1/jwks", Caller.DEV).status())
                .isEqualTo(200);
        assertThat(stub.only().target()).isEqualTo("/base/v1/jwks");
    }

    @Test
    void a_caller_with_a_body_that_leaves_leaves_the_queue() throws Exception {
        budget.pause("clerk/stub");
        try (Caller caller = Caller.connected()) {
            caller.sendWith("{}", "POST", "/clerk@stub/v1/users", Caller.DEV, "Prefer: wait=60");
            awaitPending("clerk/stub", "dev", 1);
        }

        awaitPending("clerk/stub", "dev", 0);
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void callers_that_leave_in_the_middle_of_an_answer_leave_no_connection_behind() throws IOException {
        for (int i = 0; i < 60; i++) {
            stub.answers(answer(200, "x".repeat(2_000_000)));
            try (Caller caller = Caller.connected()) {
                caller.send("GET /clerk@stub/v1/big HTTP/1.1", List.of(Caller.DEV), "");
                caller.readSome(1000);
            }
        }

        assertThat(Caller.call("GET", "/clerk@stub/v1/users", Caller.DEV).status())
                .isEqualTo(200);
    }

    @Test
    void without_a_permit_nothing_is_sent() {
        MountMatch mounted =
                mounts.find(null, Target.parse("/clerk@stub/v1/users")).orElseThrow();
        Route.Match match = mounted.surface().match("GET", mounted.target());
        Call call = CallBuilder.of("GET", mounted.target())
                .id("call-without-a-permit")
                .account(mounted.surface().account("stub").orElseThrow())
                .operation(match.operation())
                .dialect(mounted.surface().dialect())
                .variables(match.variables())
                .deadline(ticker.read())
                .make();

        assertThatThrownBy(() -> send(match, call))
                .as("the filter finds the call that is the method's parameter")
                .isInstanceOf(NoPermitException.class)
                .hasMessageContaining("call-without-a-permit");

        assertThat(stub.received()).isEmpty();
    }

    private static void send(Route.Match match, Call call) {
        try (Response answer = match.api().apply(call)) {
            throw new AssertionError("it was sent, and answered " + answer.getStatus());
        }
    }

    /** Waits until a team has that many calls in an account's queue; queues change on other threads. */
    private void awaitPending(String account, String team, int pending) throws InterruptedException {
        for (int tries = 0; tries < 2_000; tries++) {
            if (pending(account, team) == pending) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError(pending + " calls should wait: " + budget.state(account));
    }

    private long pending(String account, String team) {
        Budget.AccountState state = budget.state(account).orElseThrow();
        return state.queues().stream()
                .filter(queue -> queue.team().equals(team))
                .mapToLong(Budget.QueueState::pending)
                .sum();
    }
}
