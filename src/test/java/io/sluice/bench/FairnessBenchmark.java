package io.sluice.bench;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Table 2: how far backlogged teams drift apart, and what a backlog does to a call that somebody waits for. */
final class FairnessBenchmark {
    private static final int PERMITS = 100;

    private FairnessBenchmark() {}

    static String table() {
        return """
                ## 2. Fairness

                %d calls a second, on virtual time.

                | measure | goal | result |
                |---|---|---|
                | largest difference of served/weight, two teams of weights 1 and 1 | 2 calls | %.2f |
                | the same, weights 1 and 3 | 2 calls | %.2f |
                | the same, weights 1, 2, 5 and 9, half of the calls urgent | 2 calls | %.2f |
                | p99 wait of an urgent call behind its team's bulk, 100 times its load | 2 slots | %.2f |
                | p99 wait of an urgent call behind another team's bulk, 100 times its load | 2 slots | %.2f |
                """.formatted(
                        PERMITS,
                        difference(false, 1, 1),
                        difference(false, 1, 3),
                        difference(true, 1, 2, 5, 9),
                        wait("hog"),
                        wait("light"));
    }

    private static double difference(boolean mixed, int... weights) {
        VirtualTime time = new VirtualTime();
        Budget budget = budget(time);
        int[] served = new int[weights.length];
        for (int team = 0; team < weights.length; team++) {
            for (int call = 0; call < 5_000; call++) {
                int index = team;
                Priority priority = mixed && call % 2 == 0 ? Priority.INTERACTIVE : Priority.BULK;
                budget.enqueue(request(new TeamShare("team-" + team, weights[team], 10_000), priority), decision -> {
                    ((Granted) decision).permit().complete(LimitFeedback.NONE);
                    served[index]++;
                });
            }
        }
        double largest = 0;
        while (largest(served) < 5_000 && time.runNext()) {
            double most = 0;
            double least = Double.MAX_VALUE;
            for (int team = 0; team < weights.length; team++) {
                most = Math.max(most, (double) served[team] / weights[team]);
                least = Math.min(least, (double) served[team] / weights[team]);
            }
            largest = Math.max(largest, most - least);
        }
        return largest;
    }

    private static int largest(int[] served) {
        int largest = 0;
        for (int each : served) {
            largest = Math.max(largest, each);
        }
        return largest;
    }

    /** The 99th percentile of an urgent call's wait, in slots. */
    private static double wait(String team) {
        VirtualTime time = new VirtualTime();
        Budget budget = budget(time);
        List<Long> waits = new ArrayList<>();
        for (int call = 0; call < 100_000; call++) {
            budget.enqueue(
                    request(new TeamShare("hog", 1, 200_000), Priority.BULK),
                    decision -> ((Granted) decision).permit().complete(LimitFeedback.NONE));
        }
        for (int call = 0; call < 900; call++) {
            time.pass(Duration.ofMillis(1_003));
            budget.enqueue(request(new TeamShare(team, 1, 200_000), Priority.INTERACTIVE), decision -> {
                waits.add(((Granted) decision).waited().toNanos());
                ((Granted) decision).permit().complete(LimitFeedback.NONE);
            });
        }
        waits.sort(null);
        return waits.get(waits.size() * 99 / 100) / (1e9 / PERMITS);
    }

    private static Budget budget(VirtualTime time) {
        Budget budget = new PacedBudget(time, time);
        budget.define("vendor/account", List.of(Limit.Rate.of("api", PERMITS, Duration.ofSeconds(1))));
        return budget;
    }

    private static PermitRequest request(TeamShare teamShare, Priority priority) {
        return new PermitRequest(
                "vendor/account",
                "read",
                List.of(LimitCost.on("api")),
                teamShare,
                priority,
                Duration.ofDays(100),
                Optional.empty());
    }
}
