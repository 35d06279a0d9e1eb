package io.sluice.bench;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.Delays;
import io.sluice.simulation.SimulatedVendor;
import io.sluice.simulation.VendorLimiter;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Table 4: ten clients of one vendor with a bucket, as the tests of rate_throttle_client have it. */
final class ManyClientsBenchmark {
    private static final int PERMITS = 4_500;
    private static final int CLIENTS = 10;
    private static final int DEPTH = 20;
    private static final long HOUR = 3_600_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = new PacedBudget(time, time);
    private final SimulatedVendor vendor = new SimulatedVendor(
            time,
            new SplittableRandom(1),
            "api",
            new VendorLimiter.Bucket(DEPTH, PERMITS, HOUR),
            Delays.uniform(5_000_000, 50_000_000),
            Delays.constant(5_000_000));
    private final int[] served = new int[CLIENTS];

    private ManyClientsBenchmark(Limiter declared) {
        int burst = declared == Limiter.BUCKET ? DEPTH : 1;
        budget.define("vendor/account", List.of(new Limit.Rate("api", PERMITS, Duration.ofHours(1), declared, burst)));
    }

    static String table() {
        StringBuilder table = new StringBuilder("""
                ## 4. Ten clients of one vendor with a bucket of 4 500 an hour

                Virtual time, delays of 5 to 55 ms, a bucket that holds 20. Half an hour of clients that always want
                more; then 4 500 calls that wait at once, beside the time that the vendor's own rate needs for them.

                | declared | retries (goal 0) | standard deviation of calls per client (goal 1) | 4 500 calls (goal 1.03) |
                |---|---|---|---|
                """);
        for (Limiter declared : List.of(Limiter.UNKNOWN, Limiter.BUCKET)) {
            ManyClientsBenchmark busy = new ManyClientsBenchmark(declared);
            for (int client = 0; client < CLIENTS; client++) {
                busy.ask(client, true);
            }
            busy.time.runUntil(HOUR / 2);
            ManyClientsBenchmark backlog = new ManyClientsBenchmark(declared);
            for (int call = 0; call < PERMITS; call++) {
                backlog.ask(call % CLIENTS, false);
            }
            while (backlog.vendor.accepted() < PERMITS && backlog.time.runNext()) {
                // Until the last of them has arrived.
            }
            double own = (double) HOUR * (PERMITS - DEPTH) / PERMITS;
            table.append("| %s | %d | %.2f | %.4f |%n"
                    .formatted(
                            declared,
                            busy.vendor.refused() + backlog.vendor.refused(),
                            deviation(busy.served),
                            backlog.time.read() / own));
        }
        return table.toString();
    }

    private void ask(int client, boolean again) {
        budget.enqueue(
                new PermitRequest(
                        "vendor/account",
                        "read",
                        List.of(LimitCost.on("api")),
                        new TeamShare("client-" + client, 1, PERMITS),
                        Priority.BULK,
                        Duration.ofDays(1),
                        Optional.empty()),
                decision -> vendor.call((Granted) decision, accepted -> {
                    served[client]++;
                    if (again) {
                        ask(client, true);
                    }
                }));
    }

    private static double deviation(int[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        return Math.sqrt(Arrays.stream(values)
                .mapToDouble(value -> (value - mean) * (value - mean))
                .average()
                .orElse(0));
    }
}
