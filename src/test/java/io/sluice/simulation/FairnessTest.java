package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Answer;
import io.sluice.budget.Budget;
import io.sluice.budget.Claim;
import io.sluice.budget.Decision;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Demand;
import io.sluice.budget.Flow;
import io.sluice.budget.Limit;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Priority;
import io.sluice.budget.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Invariant 3: whoever waits gets its weight's share, and nobody's backlog moves another by more than two slots. */
class FairnessTest {
    private static final String ACCOUNT = "vendor/account";
    private static final long SLOT = 10_300_000L;

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = new PacedBudget(time, time);

    @Test
    void backlogged_teams_never_differ_by_more_than_two_calls() {
        for (long seed = 0; seed < 15; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            VirtualTime clock = new VirtualTime();
            Budget shared = new PacedBudget(clock, clock);
            shared.define(ACCOUNT, List.of(Limit.Rate.of("api", 100, Duration.ofSeconds(1))));
            Map<Flow, Integer> served = new HashMap<>();
            int teams = 2 + random.nextInt(5);
            for (int team = 0; team < teams; team++) {
                Flow flow = new Flow("team-" + team, 1 + random.nextInt(9), 10_000);
                served.put(flow, 0);
                int bulk = random.nextInt(101);
                for (int call = 0; call < 2_000; call++) {
                    Priority priority = random.nextInt(100) < bulk ? Priority.BULK : Priority.INTERACTIVE;
                    shared.enqueue(demand(flow, priority, Optional.empty()), decision -> {
                        ((Granted) decision).permit().answered(Answer.SILENT);
                        served.merge(flow, 1, Integer::sum);
                    });
                }
            }

            while (served.values().stream().noneMatch(calls -> calls >= 2_000) && clock.runNext()) {
                double most = Double.NEGATIVE_INFINITY;
                double least = Double.POSITIVE_INFINITY;
                for (Map.Entry<Flow, Integer> team : served.entrySet()) {
                    double share = (double) team.getValue() / team.getKey().weight();
                    most = Math.max(most, share);
                    least = Math.min(least, share);
                }
                assertThat(most - least)
                        .as("difference of served/weight, seed %d", seed)
                        .isLessThanOrEqualTo(2);
            }
        }
    }

    @Test
    void a_hog_moves_a_light_team_by_two_slots_at_most() {
        defineApi();
        Flow hog = new Flow("hog", 1, 100_000);
        for (int call = 0; call < 10_000; call++) {
            budget.enqueue(demand(hog, Priority.INTERACTIVE, Optional.empty()), FairnessTest::answerAtOnce);
        }
        Flow light = new Flow("light", 1, 10);

        List<Duration> waits = new ArrayList<>();
        for (int call = 0; call < 90; call++) {
            time.after(
                    1_000_000_000L + call * 1_037_000_000L,
                    () -> budget.enqueue(demand(light, Priority.BULK, Optional.empty()), decision -> {
                        waits.add(((Granted) decision).waited());
                        answerAtOnce(decision);
                    }));
        }
        time.pass(Duration.ofSeconds(95));

        assertThat(waits).hasSize(90).allMatch(wait -> wait.toNanos() <= 2 * SLOT);
    }

    @Test
    void an_urgent_call_passes_its_teams_bulk() {
        defineApi();
        Flow team = new Flow("team", 1, 100_000);
        for (int call = 0; call < 10_000; call++) {
            budget.enqueue(demand(team, Priority.BULK, Optional.empty()), FairnessTest::answerAtOnce);
        }

        List<Duration> waits = new ArrayList<>();
        for (int call = 0; call < 90; call++) {
            time.after(
                    1_000_000_000L + call * 1_000_123_000L,
                    () -> budget.enqueue(demand(team, Priority.INTERACTIVE, Optional.empty()), decision -> {
                        waits.add(((Granted) decision).waited());
                        answerAtOnce(decision);
                    }));
        }
        time.pass(Duration.ofSeconds(95));

        assertThat(waits).hasSize(90).allMatch(wait -> wait.toNanos() <= 2 * SLOT);
    }

    @Test
    void bulk_gets_its_turn_however_much_is_urgent() {
        defineApi();
        Flow team = new Flow("team", 1, 100_000);
        List<Priority> granted = new ArrayList<>();
        for (Priority priority : Priority.values()) {
            for (int call = 0; call < 200; call++) {
                budget.enqueue(demand(team, priority, Optional.empty()), decision -> {
                    granted.add(priority);
                    answerAtOnce(decision);
                });
            }
        }

        time.pass(Duration.ofSeconds(1));

        assertThat(granted).filteredOn(Priority.BULK::equals).hasSizeBetween(granted.size() / 10, granted.size() / 8);
    }

    @Test
    void a_team_that_rested_has_saved_nothing_up() {
        defineApi();
        Flow busy = new Flow("busy", 1, 100_000);
        Flow rested = new Flow("rested", 1, 100_000);
        List<String> granted = new ArrayList<>();
        enqueue(busy, 3_000, granted);
        time.pass(Duration.ofSeconds(10));
        granted.clear();

        enqueue(rested, 500, granted);
        time.pass(Duration.ofSeconds(2));

        long ofRested = granted.stream().filter("rested"::equals).count();
        assertThat(ofRested).isBetween(granted.size() / 2 - 2L, granted.size() / 2 + 2L);
    }

    @Test
    void idle_share_is_lent() {
        defineApi();
        List<String> granted = new ArrayList<>();
        enqueue(new Flow("heavy", 9, 10), 1, granted);
        enqueue(new Flow("alone", 1, 1_000), 500, granted);

        time.pass(Duration.ofSeconds(2));

        assertThat(granted.size()).isGreaterThan(190);
    }

    @Test
    void a_retry_goes_before_what_came_later_and_is_charged() {
        defineApi();
        Flow one = new Flow("one", 1, 1_000);
        Flow other = new Flow("other", 1, 1_000);
        List<String> granted = new ArrayList<>();
        List<Turn> turns = new ArrayList<>();
        budget.enqueue(demand(one, Priority.BULK, Optional.empty()), decision -> {
            turns.add(((Granted) decision).permit().turn());
            answerAtOnce(decision);
        });
        enqueue(one, 100, granted);
        enqueue(other, 100, granted);

        budget.enqueue(demand(one, Priority.BULK, Optional.of(turns.getFirst())), decision -> {
            granted.add("retry");
            answerAtOnce(decision);
        });
        time.pass(Duration.ofSeconds(1));

        assertThat(granted.subList(0, 2)).contains("retry");
        long ofOne = granted.stream().filter(team -> !team.equals("other")).count();
        assertThat(ofOne).isBetween(granted.size() / 2 - 2L, granted.size() / 2 + 2L);
    }

    @Test
    void many_operations_give_a_team_no_more_than_one() {
        budget.define(
                ACCOUNT,
                List.of(
                        Limit.Rate.of("api", 100, Duration.ofSeconds(1)),
                        Limit.Rate.of("user", 1_000, Duration.ofSeconds(1))));
        Flow hog = new Flow("hog", 1, 100_000);
        for (int call = 0; call < 2_000; call++) {
            budget.enqueue(
                    new Demand(
                            ACCOUNT,
                            "operation-" + call % 10,
                            List.of(Claim.on("api"), Claim.on("user", "user-" + call)),
                            hog,
                            Priority.INTERACTIVE,
                            Duration.ofDays(1),
                            Optional.empty()),
                    FairnessTest::answerAtOnce);
        }
        time.pass(Duration.ofSeconds(1));

        List<Duration> waits = new ArrayList<>();
        for (int call = 0; call < 10; call++) {
            budget.enqueue(demand(new Flow("light", 1, 10), Priority.INTERACTIVE, Optional.empty()), decision -> {
                waits.add(((Granted) decision).waited());
                answerAtOnce(decision);
            });
            time.pass(Duration.ofMillis(777));
        }

        assertThat(waits).hasSize(10).allMatch(wait -> wait.toNanos() <= 2 * SLOT);
    }

    private void defineApi() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 100, Duration.ofSeconds(1))));
    }

    private void enqueue(Flow flow, int calls, List<String> granted) {
        for (int call = 0; call < calls; call++) {
            budget.enqueue(demand(flow, Priority.BULK, Optional.empty()), decision -> {
                if (decision instanceof Granted) {
                    granted.add(flow.team());
                    answerAtOnce(decision);
                }
            });
        }
    }

    private static void answerAtOnce(Decision decision) {
        ((Granted) decision).permit().answered(Answer.SILENT);
    }

    private static Demand demand(Flow flow, Priority priority, Optional<Turn> turn) {
        return new Demand(ACCOUNT, "read", List.of(Claim.on("api")), flow, priority, Duration.ofDays(1), turn);
    }
}
