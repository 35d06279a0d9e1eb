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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Table 3: what a grant costs, and what an account and a waiting call occupy. One thread, virtual time. */
final class CostBenchmark {
    private static final int ROUNDS = 5;
    private static final TeamShare TEAM = new TeamShare("team", 1, 1_000_000);

    private CostBenchmark() {}

    static String table() {
        StringBuilder table = new StringBuilder("""
                ## 3. Cost

                Demand, grant, sending and answer of a call by one thread. The goal is 200 000 a second.

                | | calls a second |
                |---|---|
                """);
        // The first rounds warm up; each figure is the median of the others.
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int round = 0; round < 3 + ROUNDS; round++) {
            boolean counts = round >= 3;
            for (int accounts : new int[] {1, 100, 100_000}) {
                record(counts, rates, "%,d accounts, limits free".formatted(accounts), free(accounts));
            }
            for (int waiting : new int[] {10, 100, 1_000, 10_000, 100_000}) {
                record(counts, rates, "1 account, %,d waiting".formatted(waiting), queued(waiting, 1));
            }
            record(counts, rates, "1 account, 10,000 waiting, 100 teams", queued(10_000, 100));
        }
        rates.forEach((what, measured) -> {
            measured.sort(null);
            table.append("| %s | %,.0f |%n".formatted(what, measured.get(ROUNDS / 2)));
        });
        table.append("""

                | | bytes | goal |
                |---|---|---|
                | an idle account that was used | %,d | 1,024 |
                | a waiting call with its demand | %,d | 1,024 |
                | an account after 1 000 calls, beside one after 100 000 | %,d / %,d | no growth |

                """.formatted(idleAccount(), waiter(), afterCalls(10_000), afterCalls(1_000_000)));
        return table.toString();
    }

    private static void record(boolean counts, Map<String, List<Double>> rates, String what, double rate) {
        if (counts) {
            rates.computeIfAbsent(what, absent -> new ArrayList<>()).add(rate);
        }
    }

    private static double free(int accounts) {
        VirtualTime time = new VirtualTime();
        Budget budget = new PacedBudget(time, time);
        List<PermitRequest> demands = define(budget, accounts);
        int calls = Math.max(400_000, accounts);
        long start = System.nanoTime();
        for (int call = 0; call < calls; call++) {
            if (call % accounts == 0) {
                time.pass(Duration.ofMillis(20));
            }
            budget.enqueue(demands.get(call % accounts), decision -> {
                Granted granted = (Granted) decision;
                granted.permit().send();
                granted.permit().complete(LimitFeedback.NONE);
            });
        }
        return calls * 1e9 / (System.nanoTime() - start);
    }

    private static double queued(int waiting, int teams) {
        VirtualTime time = new VirtualTime();
        Budget budget = new PacedBudget(time, time);
        budget.define("vendor/0", List.of(Limit.Rate.of("api", 100, Duration.ofSeconds(1))));
        List<PermitRequest> demands = new ArrayList<>();
        for (int team = 0; team < teams; team++) {
            demands.add(request("vendor/0", new TeamShare("team-" + team, 1, 1_000_000)));
        }
        int[] granted = {0};
        for (int call = 0; call < waiting; call++) {
            again(budget, demands, granted);
        }
        int calls = 200_000;
        int first = granted[0];
        long start = System.nanoTime();
        while (granted[0] - first < calls) {
            time.runNext();
        }
        return calls * 1e9 / (System.nanoTime() - start);
    }

    private static void again(Budget budget, List<PermitRequest> demands, int[] granted) {
        budget.enqueue(demands.get(granted[0] % demands.size()), decision -> {
            Granted call = (Granted) decision;
            granted[0]++;
            call.permit().send();
            call.permit().complete(LimitFeedback.NONE);
            again(budget, demands, granted);
        });
    }

    private static long idleAccount() {
        int accounts = 100_000;
        VirtualTime time = new VirtualTime();
        Budget budget = new PacedBudget(time, time);
        List<PermitRequest> demands = define(budget, accounts);
        long before = used();
        Budget measured = new PacedBudget(time, time);
        define(measured, accounts);
        demands.forEach(request -> measured.enqueue(
                request, decision -> ((Granted) decision).permit().complete(LimitFeedback.NONE)));
        time.pass(Duration.ofMinutes(5));
        long bytes = (used() - before) / accounts;
        return measured.state("vendor/0").isPresent()
                        && budget.state("vendor/0").isPresent()
                ? bytes
                : 0;
    }

    private static long waiter() {
        int waiting = 100_000;
        VirtualTime time = new VirtualTime();
        Budget budget = new PacedBudget(time, time);
        budget.define("vendor/0", List.of(Limit.Rate.of("api", 100, Duration.ofSeconds(1))));
        long before = used();
        for (int call = 0; call < waiting; call++) {
            budget.enqueue(request("vendor/0", TEAM), decision -> {});
        }
        long bytes = (used() - before) / waiting;
        int pending = budget.state("vendor/0").orElseThrow().queues().getFirst().pending();
        if (pending != waiting - 1) {
            throw new IllegalStateException("calls that wait: " + pending);
        }
        return bytes;
    }

    private static long afterCalls(int calls) {
        int accounts = 10;
        long before = used();
        VirtualTime time = new VirtualTime();
        Budget budget = new PacedBudget(time, time);
        List<PermitRequest> demands = define(budget, accounts);
        for (int call = 0; call < calls / accounts; call++) {
            for (PermitRequest request : demands) {
                budget.enqueue(
                        request, decision -> ((Granted) decision).permit().complete(LimitFeedback.NONE));
            }
            time.pass(Duration.ofMillis(11));
        }
        long bytes = (used() - before) / accounts;
        return budget.state("vendor/0").isPresent() ? bytes : 0;
    }

    private static List<PermitRequest> define(Budget budget, int accounts) {
        List<Limit> limits = List.of(Limit.Rate.of("api", 100, Duration.ofSeconds(1)));
        List<PermitRequest> demands = new ArrayList<>();
        for (int account = 0; account < accounts; account++) {
            budget.define("vendor/" + account, limits);
            demands.add(request("vendor/" + account, TEAM));
        }
        return demands;
    }

    private static PermitRequest request(String account, TeamShare teamShare) {
        return new PermitRequest(
                account,
                "read",
                List.of(LimitCost.on("api")),
                teamShare,
                Priority.BULK,
                Duration.ofDays(10_000),
                Optional.empty());
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int round = 0; round < 3; round++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
