package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Budget;
import io.sluice.budget.Limit;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two teams of weights 1 and 3 with a backlog, and a trickle of urgent calls, over HTTP and against every limiter. */
@QuarkusTest
class FairShareTest extends MountTest {
    private static final String TARGET = "/clerk@load/v1/organizations";
    private static final String ACCOUNT = "clerk/load";
    private static final int PERMITS_A_SECOND = 100;
    private static final int BACKLOG = 150;
    private static final int TRICKLE = 10;

    private final AtomicInteger light = new AtomicInteger();
    private final AtomicInteger heavy = new AtomicInteger();

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

        int lightWhenHeavyWasDone;
        int doneWhenTrickleWas;
        List<Future<Integer>> statuses = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> heavyOnes = new ArrayList<>();
            budget.pause(ACCOUNT);
            for (int call = 0; call < BACKLOG; call++) {
                statuses.add(callers.submit(() -> bulk(Caller.DEV, light)));
                heavyOnes.add(callers.submit(() -> bulk(StubVendors.TRIO, heavy)));
            }
            waitUntilQueued(2 * BACKLOG);
            budget.resume(ACCOUNT);
            for (int call = 0; call < TRICKLE; call++) {
                assertThat(Caller.call("GET", TARGET, Caller.BULK, "Prefer: wait=60")
                                .status())
                        .isEqualTo(200);
            }
            doneWhenTrickleWas = light.get() + heavy.get();
            for (Future<Integer> status : heavyOnes) {
                assertThat(status.get()).isEqualTo(200);
            }
            lightWhenHeavyWasDone = light.get();
            for (Future<Integer> status : statuses) {
                assertThat(status.get()).isEqualTo(200);
            }
        }

        assertThat(doneWhenTrickleWas).isLessThan(BACKLOG);
        // A third of the heavy team's, give or take what was on the wire and what the reading of it missed.
        assertThat(lightWhenHeavyWasDone).isBetween(BACKLOG / 3 - 15, BACKLOG / 3 + 15);
        JsonObject seen = new JsonObject(
                        Caller.call("GET", "/sandbox/report/clerk").body())
                .getJsonObject("limits")
                .getJsonObject("instance");
        assertThat(seen.getInteger("accepted")).isEqualTo(2 * BACKLOG + TRICKLE);
        assertThat(seen.getInteger("rejected")).isZero();
    }

    private static int bulk(String team, AtomicInteger done) throws IOException {
        int status = Caller.call("GET", TARGET, team, "Prefer: wait=60", "Priority: u=5")
                .status();
        done.incrementAndGet();
        return status;
    }

    private void waitUntilQueued(int calls) throws InterruptedException {
        while (budget.state(ACCOUNT).orElseThrow().queues().stream()
                        .mapToInt(Budget.QueueState::pending)
                        .sum()
                < calls) {
            Thread.sleep(10);
        }
    }
}
