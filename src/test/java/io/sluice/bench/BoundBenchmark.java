package io.sluice.bench;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.simulation.Delays;
import io.sluice.simulation.SimulatedVendor;
import io.sluice.simulation.VendorLimiter;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Table 1 once more for Sluice alone, on virtual time, where no other load makes timers late. */
final class BoundBenchmark {
    private static final int PERMITS = 100;
    private static final long MILLI = 1_000_000L;

    private BoundBenchmark() {}

    static String table() {
        StringBuilder table = new StringBuilder("""
                The same for Sluice on virtual time, where nothing else makes timers late: what the vendor accepted in 20
                windows, as a share of the bound W/(W+J), in percent / refused calls. The limiter is not declared; besides
                the jitter each way takes 1 ms. The goal is 97 / 0. The last column has no jitter but ways of 50 ms each,
                which an anchor at the answer cannot tell from jitter (ADR 10).

                | window | limiter | 0 ms | 10 ms | 20 ms | 50 ms | steady 100 ms |
                |---|---|---|---|---|---|---|
                """);
        for (int seconds : new int[] {1, 10}) {
            for (String limiter : List.of("fixed", "sliding", "counter", "bucket")) {
                table.append("| %d s | %s |".formatted(seconds, limiter));
                for (int jitter : new int[] {0, 10, 20, 50}) {
                    table.append(cell(limiter, seconds * 1000L * MILLI, jitter * MILLI, MILLI));
                }
                table.append(cell(limiter, seconds * 1000L * MILLI, 0, 50 * MILLI))
                        .append('\n');
            }
        }
        return table.toString();
    }

    private static String cell(String kind, long window, long jitter, long way) {
        VirtualTime time = new VirtualTime();
        VendorLimiter limiter = switch (kind) {
            case "fixed" -> new VendorLimiter.FixedWindows(PERMITS, window, window / 3);
            case "sliding" -> new VendorLimiter.SlidingLog(PERMITS, window);
            case "counter" -> new VendorLimiter.SlidingCounter(PERMITS, window, window / 3);
            default -> new VendorLimiter.Bucket(20, PERMITS, window);
        };
        SimulatedVendor vendor = new SimulatedVendor(
                time, new SplittableRandom(1), "api", limiter, Delays.uniform(way, jitter), Delays.constant(way));
        Budget budget = new PacedBudget(time, time);
        budget.define("vendor/account", List.of(Limit.Rate.of("api", PERMITS, Duration.ofNanos(window))));
        for (int waiting = 0; waiting < 2 * PERMITS; waiting++) {
            ask(budget, vendor);
        }
        time.runUntil(5 * window);
        long before = vendor.accepted();
        time.runUntil(25 * window);
        double bound = 20.0 * PERMITS * window / (window + jitter);
        return " %.1f / %d |".formatted(100 * (vendor.accepted() - before) / bound, vendor.refused());
    }

    private static void ask(Budget budget, SimulatedVendor vendor) {
        budget.enqueue(
                new PermitRequest(
                        "vendor/account",
                        "read",
                        List.of(LimitCost.on("api")),
                        new TeamShare("team", 1, 10_000),
                        Priority.BULK,
                        Duration.ofDays(1),
                        Optional.empty()),
                decision -> vendor.call((Granted) decision, accepted -> ask(budget, vendor)));
    }
}
