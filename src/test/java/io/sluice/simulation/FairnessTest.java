package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.QueuePosition;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
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
    private static final String ACCOUNT = PacedBudgets.ACCOUNT;
    private static final long SLOT = 10_300_000L;

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = PacedBudgets.of(time);

    @Test
    void backlogged_teams_never_differ_by_more_than_two_calls() {
        for (long seed = 0; seed < 15; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            VirtualTime clock = new VirtualTime();
            Budget shared = PacedBudgets.of(clock, Limit.Rate.of("api", 100, Duration.ofSeconds(1)));
            Map<TeamShare, Integer> served = new HashMap<>();
            int teams = 2 + random.nextInt(5);
            for (int team = 0; team < teams; team++) {
                TeamShare teamShare = new TeamShare("team-" + team, 1 + random.nextInt(9), 10_000);
                served.put(teamShare, 0);
                int bulk = random.nextInt(101);
                for (int call = 0; call < 2_000; call++) {
                    Priority priority = random.nextInt(100) < bulk ? Priority.BULK : Priority.INTERACTIVE;
                    shared.enqueue(request(teamShare, priority, Optional.empty()), decision -> {
                        ((Granted) decision).permit().complete(LimitFeedback.NONE);
                        served.merge(teamShare, 1, Integer::sum);
                    });
                }
            }

            while (served.values().stream().noneMatch(calls -> calls >= 2_000) && clock.runNext()) {
                double most = Double.NEGATIVE_INFINITY;
                double least = Double.POSITIVE_INFINITY;
                for (Map.Entry<TeamShare, Integer> team : served.entrySet()) {
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
        TeamShare hog = new TeamShare("hog", 1, 100_000);
        for (int call = 0; call < 10_000; call++) {
            budget.enqueue(request(hog, Priority.INTERACTIVE, Optional.empty()), FairnessTest::answerAtOnce);
        }
        TeamShare light = new TeamShare("light", 1, 10);

        List<Duration> waits = new ArrayList<>();
        for (int call = 0; call < 90; call++) {
            time.after(
                    1_000_000_000L + call * 1_037_000_000L,
                    () -> budget.enqueue(request(light, Priority.BULK, Optional.empty()), decision -> {
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
        TeamShare team = new TeamShare("team", 1, 100_000);
        for (int call = 0; call < 10_000; call++) {
            budget.enqueue(request(team, Priority.BULK, Optional.empty()), FairnessTest::answerAtOnce);
        }

        List<Duration> waits = new ArrayList<>();
        for (int call = 0; call < 90; call++) {
            time.after(
                    1_000_000_000L + call * 1_000_123_000L,
                    () -> budget.enqueue(request(team, Priority.INTERACTIVE, Optional.empty()), decision -> {
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
        TeamShare team = new TeamShare("team", 1, 100_000);
        List<Priority> granted = new ArrayList<>();
        for (Priority priority : Priority.values()) {
            for (int call = 0; call < 200; call++) {
                budget.enqueue(request(team, priority, Optional.empty()), decision -> {
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
        TeamShare busy = new TeamShare("busy", 1, 100_000);
        TeamShare rested = new TeamShare("rested", 1, 100_000);
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
        enqueue(new TeamShare("heavy", 9, 10), 1, granted);
        enqueue(new TeamShare("alone", 1, 1_000), 500, granted);

        time.pass(Duration.ofSeconds(2));

        assertThat(granted.size()).isGreaterThan(190);
    }

    @Test
    void a_retry_goes_before_what_came_later_and_is_charged() {
        defineApi();
        TeamShare one = new TeamShare("one", 1, 1_000);
        TeamShare other = new TeamShare("other", 1, 1_000);
        List<String> granted = new ArrayList<>();
        List<QueuePosition> positions = new ArrayList<>();
        budget.enqueue(request(one, Priority.BULK, Optional.empty()), decision -> {
            positions.add(((Granted) decision).permit().position());
            answerAtOnce(decision);
        });
        enqueue(one, 100, granted);
        enqueue(other, 100, granted);

        budget.enqueue(request(one, Priority.BULK, Optional.of(positions.getFirst())), decision -> {
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
        TeamShare hog = new TeamShare("hog", 1, 100_000);
        for (int call = 0; call < 2_000; call++) {
            budget.enqueue(
                    new PermitRequest(
                            ACCOUNT,
                            "operation-" + call % 10,
                            List.of(LimitCost.on("api"), LimitCost.on("user", "user-" + call)),
                            hog,
                            Priority.INTERACTIVE,
                            Duration.ofDays(1),
                            Optional.empty()),
                    FairnessTest::answerAtOnce);
        }
        time.pass(Duration.ofSeconds(1));

        List<Duration> waits = new ArrayList<>();
        for (int call = 0; call < 10; call++) {
            budget.enqueue(request(new TeamShare("light", 1, 10), Priority.INTERACTIVE, Optional.empty()), decision -> {
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

    private void enqueue(TeamShare teamShare, int calls, List<String> granted) {
        for (int call = 0; call < calls; call++) {
            budget.enqueue(request(teamShare, Priority.BULK, Optional.empty()), decision -> {
                if (decision instanceof Granted) {
                    granted.add(teamShare.team());
                    answerAtOnce(decision);
                }
            });
        }
    }

    private static void answerAtOnce(Decision decision) {
        ((Granted) decision).permit().complete(LimitFeedback.NONE);
    }

    private static PermitRequest request(TeamShare teamShare, Priority priority, Optional<QueuePosition> position) {
        return new PermitRequest(
                ACCOUNT, "read", List.of(LimitCost.on("api")), teamShare, priority, Duration.ofDays(1), position);
    }
}
