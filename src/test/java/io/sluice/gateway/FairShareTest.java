package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Budget;
import io.sluice.budget.window.Limit;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two teams of weights 1 and 3 with a backlog, and a trickle of urgent calls, over HTTP and against every limiter. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class FairShareTest extends MountTest {
    private static final String MOUNT = "/clerk@load";
    private static final String LIGHT = "/v1/organizations?t=light";
    private static final String HEAVY = "/v1/organizations?t=heavy";
    private static final String URGENT = "/v1/organizations?t=urgent-";
    private static final String ACCOUNT = "clerk/load";
    private static final int PERMITS_A_SECOND = 100;
    private static final int BACKLOG = 150;
    private static final int TRICKLE = 10;

    @AfterEach
    void putBack() throws IOException {
        budget.change(ACCOUNT, Limit.Rate.of("instance", StubVendors.LOAD_PERMITS, Duration.ofSeconds(1)));
        Caller.call("POST", "/sandbox/reset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fixed", "sliding", "counter", "bucket"})
    void teams_get_their_shares_urgent_calls_go_ahead_and_no_vendor_refuses(String limiter) throws Exception {
        budget.change(ACCOUNT, Limit.Rate.of("instance", PERMITS_A_SECOND, Duration.ofSeconds(1)));
        String limit = "{\"limiter\":\"" + limiter + "\",\"permits\":" + PERMITS_A_SECOND
                + ",\"window_ms\":1000,\"burst\":20}";
        assertThat(Caller.callWith(limit, "PUT", "/sandbox/limits/clerk/instance")
                        .status())
                .isEqualTo(200);

        List<Integer> granted = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> statuses = new ArrayList<>();
            budget.pause(ACCOUNT);
            for (int call = 0; call < BACKLOG; call++) {
                statuses.add(callers.submit(() -> call(Caller.DEV, LIGHT, "Priority: u=5")));
                statuses.add(callers.submit(() -> call(StubVendors.TRIO, HEAVY, "Priority: u=5")));
            }
            waitUntilQueued(2 * BACKLOG);
            budget.resume(ACCOUNT);
            for (int call = 0; call < TRICKLE; call++) {
                String target = URGENT + call;
                // Nothing is granted while one comes: so it is known how many had gone, however slow the machine is.
                budget.pause(ACCOUNT);
                int waiting = queued();
                granted.add(2 * BACKLOG - waiting);
                Future<Integer> urgent = callers.submit(() -> call(Caller.BULK, target));
                waitUntilQueued(waiting + 1);
                budget.resume(ACCOUNT);
                assertThat(urgent.get()).isEqualTo(200);
            }
            for (Future<Integer> status : statuses) {
                assertThat(status.get()).isEqualTo(200);
            }
        }

        // Told by the order in which the vendor got them, and not by when their callers heard of it.
        List<String> arrived = arrived();
        assertThat(arrived).hasSize(2 * BACKLOG + TRICKLE);
        int wentAhead = 0;
        for (int call = 0; call < TRICKLE; call++) {
            wentAhead +=
                    backlog(arrived.subList(0, arrived.indexOf(URGENT + call))).size() - granted.get(call);
        }
        assertThat(wentAhead).as("calls of the backlog between urgent ones").isLessThan(BACKLOG);
        // Both have a backlog still. A quarter, give or take what overtook another on the wire.
        assertThat(Collections.frequency(backlog(arrived).subList(0, BACKLOG), LIGHT))
                .isBetween(BACKLOG / 4 - 10, BACKLOG / 4 + 10);
        JsonObject seen = new JsonObject(
                        Caller.call("GET", "/sandbox/report/clerk").body())
                .getJsonObject("limits")
                .getJsonObject("instance");
        assertThat(seen.getInteger("accepted")).isEqualTo(2 * BACKLOG + TRICKLE);
        assertThat(seen.getInteger("rejected")).isZero();
    }

    private static int call(String team, String target, String... headers) throws IOException {
        String[] all = Stream.concat(Stream.of(team, "Prefer: wait=60"), Stream.of(headers))
                .toArray(String[]::new);
        return Caller.call("GET", MOUNT + target, all).status();
    }

    /** The targets of all calls, in the order in which they reached the vendor. */
    private static List<String> arrived() throws IOException {
        return new JsonArray(
                        Caller.call("GET", "/sandbox/requests?vendor=clerk").body())
                .stream()
                        .map(request -> ((JsonObject) request).getString("target"))
                        .map(target -> target.substring(target.indexOf("/v1/")))
                        .toList();
    }

    private static List<String> backlog(List<String> targets) {
        return targets.stream().filter(target -> !target.startsWith(URGENT)).toList();
    }

    private void waitUntilQueued(int calls) throws InterruptedException {
        await(calls + " calls wait", () -> queued() >= calls);
    }

    private int queued() {
        return budget.state(ACCOUNT).orElseThrow().queues().stream()
                .mapToInt(Budget.QueueState::pending)
                .sum();
    }
}
