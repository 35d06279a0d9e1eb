package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.HttpMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Two teams with more calls than a vendor takes at once: nothing is refused, by the vendor or by Sluice. The limits are
 * raised on both sides alike, so that it takes seconds. The long form makes 2 000 calls to each vendor, the short one 400.
 */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class BacklogTest extends MountTest {
    /** How many calls are under way or wait at once: each is a connection here. */
    private static final int AT_ONCE = 100;

    /** As the accounts {@code load} are configured. */
    private static final int PERMITS_A_SECOND = StubVendors.LOAD_PERMITS;

    /** A call, and the limit of the sandbox that it counts against. */
    private record Load(String vendor, String limit, String target) {}

    private static final List<Load> LOADS = List.of(
            new Load("clari", "api", "/clari@load/v4/admin/limits"),
            new Load("clerk", "instance", "/clerk@load/v1/organizations"),
            new Load("customerio", "query", "/customerio@load/app/v1/exports"),
            new Load("fathom", "account", "/fathom@load/external/v1/teams"));

    @AfterEach
    void putBack() throws IOException {
        Caller.call("POST", "/sandbox/reset");
    }

    @Test
    void four_hundred_calls_to_each_vendor_draw_no_429() throws Exception {
        drain(400);
    }

    @Test
    @Tag("proof")
    void two_thousand_calls_to_each_vendor_draw_no_429() throws Exception {
        drain(2_000);
    }

    private void drain(int calls) throws Exception {
        for (Load load : LOADS) {
            limit(load);
        }
        Semaphore connections = new Semaphore(AT_ONCE);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> statuses = new ArrayList<>();
            for (int call = 0; call < calls; call++) {
                String team = call % 2 == 0 ? Caller.DEV : Caller.BULK;
                for (Load load : LOADS) {
                    statuses.add(callers.submit(() -> status(connections, load.target(), team)));
                }
            }
            for (Future<Integer> status : statuses) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        JsonObject report = new JsonObject(Caller.call("GET", "/sandbox/report").body()).getJsonObject("vendors");
        assertThat(LOADS).allSatisfy(load -> {
            JsonObject limit =
                    report.getJsonObject(load.vendor()).getJsonObject("limits").getJsonObject(load.limit());
            assertThat(limit.getInteger("accepted")).isEqualTo(calls);
            assertThat(limit.getInteger("rejected")).isZero();
        });
    }

    private static int status(Semaphore connections, String target, String team) throws Exception {
        connections.acquire();
        try {
            return Caller.call(HttpMethod.GET, target, team, "Prefer: wait=120").status();
        } finally {
            connections.release();
        }
    }

    private static void limit(Load load) throws IOException {
        Caller.Reply reply = Caller.callWith(
                "{\"limiter\":\"sliding\",\"permits\":" + PERMITS_A_SECOND + ",\"window_ms\":1000}",
                "PUT",
                "/sandbox/limits/" + load.vendor() + "/" + load.limit());
        assertThat(reply.status()).isEqualTo(200);
    }
}
