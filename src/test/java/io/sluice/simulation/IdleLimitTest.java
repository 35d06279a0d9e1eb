package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.BudgetStore;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What calls at once on an idle limit wait, and whoever comes next: the table and the promises of the pacing rules ("What
 * makes a wait short").
 */
class IdleLimitTest {
    private static final String ACCOUNT = PacedBudgets.ACCOUNT;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long ROUND_TRIP = 100 * MILLI;
    private static final TeamShare TEAM = new TeamShare("team", 1, 10_000);
    private static final TeamShare OTHER = new TeamShare("other", 1, 10_000);

    private final VirtualTime time = new VirtualTime();
    private final List<Long> waits = new ArrayList<>();
    private Budget budget = PacedBudgets.of(time);

    @ParameterizedTest
    @CsvSource({
        "unknown, 60, 60,  30, 14_300, 29_600, 1", "unknown, 60, 60, 100, 50_000, 100_900, 1",
        "unknown, 100, 10, 30,  1_450,  3_000, 1", "unknown, 100, 10, 100, 5_010, 10_150, 1",
        "window,  60, 60,  30,      0,      0, 30", "window,  60, 60, 100, 40_200, 100_900, 30",
        "window,  100, 10, 30,      0,      0, 30", "window,  100, 10, 100,     0, 10_150, 50",
    })
    void answers_calls_at_once_as_the_table_says(
            String limiter, int permits, int window, int calls, long median, long longest, int atOnce) {
        define(limiter, permits, window);

        ask(calls, TEAM, Priority.INTERACTIVE);
        time.pass(Duration.ofSeconds(200));

        assertTable(calls, median, longest, atOnce);
    }

    @ParameterizedTest
    @CsvSource({
        "60, 60,  30, 0,      0, 30", "60, 60, 100, 0, 100_200, 60",
        "100, 10, 30, 0,      0, 30", "100, 10, 100, 0,      0, 100",
    })
    void lets_the_only_team_have_all_that_is_safe_at_once(
            int permits, int window, int calls, long median, long longest, int atOnce) {
        define("window", permits, window);
        budget.unshared(ACCOUNT, true);

        ask(calls, TEAM, Priority.INTERACTIVE);
        time.pass(Duration.ofSeconds(200));

        assertTable(calls, median, longest, atOnce);
    }

    @Test
    void keeps_something_back_from_the_only_teams_bulk_for_its_interactive_calls() {
        define("window", 60, 60);
        budget.unshared(ACCOUNT, true);

        ask(100, TEAM, Priority.BULK);

        assertThat(waits).hasSize(30);
        ask(10, TEAM, Priority.INTERACTIVE);
        time.pass(Duration.ofMillis(2_010));
        assertThat(waits).hasSize(31);
    }

    @Test
    void gives_half_at_once_then_half_over_a_window_then_all_but_one_a_window() {
        define("window", 60, 60);
        ask(400, TEAM, Priority.BULK);

        List<Integer> windows = new ArrayList<>();
        for (int window = 1; window <= 6; window++) {
            int before = window == 1 ? 0 : waits.size();
            time.pass(Duration.ofSeconds(60));
            windows.add(waits.size() - before);
        }

        assertThat(windows).allMatch(sent -> sent >= 58 && sent <= 60);
        assertThat(waits.size()).as("calls in six windows, even pacing has 354").isGreaterThanOrEqualTo(352);
    }

    @Test
    void lets_a_burst_of_its_own_go_where_one_is_declared() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 60, Duration.ofSeconds(60), Limiter.SLIDING, 45)));

        ask(100, TEAM, Priority.INTERACTIVE);

        assertThat(waits).hasSize(45);
        time.pass(Duration.ofMillis(4_100));
        assertThat(waits).as("then the 15 that are left, one each 4 s").hasSize(46);
    }

    @Test
    void a_burst_waits_for_one_saving_and_then_goes_as_one() {
        AtomicBoolean held = new AtomicBoolean();
        Deque<Runnable> savings = new ArrayDeque<>();
        BudgetStore disk = new HeapBudgetStore(write -> {
            if (held.get()) {
                savings.add(write);
            } else {
                write.run();
            }
        });
        budget = PacedBudgets.kept(time, disk);
        define("window", 60, 60);
        held.set(true);

        ask(30, TEAM, Priority.INTERACTIVE);
        assertThat(waits).as("what is reserved at rest").hasSize(2);
        time.pass(Duration.ZERO);
        savings.remove().run();

        assertThat(waits).hasSize(30);
    }

    /** A team that takes whatever goes at once, whenever it likes, and calls of another at any moment. */
    @Test
    void another_teams_call_waits_two_even_slots_and_a_round_trip_at_most() {
        anothersCallsWait(0, 100);
    }

    @Tag("proof")
    @Test
    void another_teams_call_waits_two_even_slots_and_a_round_trip_at_most_however_long_one_looks() {
        anothersCallsWait(100, 10_000);
    }

    private static void anothersCallsWait(long from, long to) {
        for (long seed = from; seed < to; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            int permits = 2 + random.nextInt(random.nextBoolean() ? 8 : 199);
            long window = SECOND * new int[] {1, 10, 60}[random.nextInt(3)];
            long roundTrip = (long) (window * new double[] {0, 0.02, 0.1, 0.3, 1.5}[random.nextInt(5)]);
            VirtualTime clock = new VirtualTime();
            Budget shared = PacedBudgets.of(clock, Limit.Rate.window("api", permits, Duration.ofNanos(window)));
            List<Long> others = new ArrayList<>();
            int asked = 0;
            for (long at = 0; at < 6 * window; ) {
                if (random.nextBoolean()) {
                    at += (long) (random.nextDouble() * new double[] {0.02, 0.3, 1.2}[random.nextInt(3)] * window);
                }
                int most = List.of(2, permits / 4 + 1, permits + 1, 2 * permits).get(random.nextInt(4));
                for (int calls = random.nextInt(most + 1); calls > 0; calls--) {
                    at += random.nextBoolean() ? 0 : (long) (random.nextDouble() * 2 * window / permits);
                    clock.after(at, () -> ask(shared, clock, TEAM, Priority.BULK, roundTrip, waited -> {}));
                }
                at += window / 1000;
            }
            // Each long after the one before, for which it must not have to wait.
            for (long at = random.nextLong(window); at < 6 * window; at += 2 * (window + roundTrip)) {
                asked++;
                clock.after(at, () -> ask(shared, clock, OTHER, Priority.INTERACTIVE, roundTrip, others::add));
            }
            clock.runUntil(30 * window);

            long bound = (2 * window + window / 4096 + 2 * MILLI) / permits + roundTrip + MILLI + window / 4096;
            assertThat(others)
                    .as(
                            "waits of another team's calls, %d in %d s, round trip %d ms, seed %d",
                            permits, window / SECOND, roundTrip / MILLI, seed)
                    .hasSize(asked)
                    .allMatch(wait -> wait <= bound, "at most " + bound);
        }
    }

    private void define(String limiter, int permits, int seconds) {
        Duration window = Duration.ofSeconds(seconds);
        budget.define(
                ACCOUNT,
                List.of(
                        limiter.equals("window")
                                ? Limit.Rate.window("api", permits, window)
                                : Limit.Rate.of("api", permits, window)));
        // What is told of earlier round trips: even pacing knows them.
        ask(1, TEAM, Priority.BULK);
        time.runUntil(-1 + 3L * seconds * SECOND);
        time.pass(Duration.ofNanos(1));
        waits.clear();
    }

    private void assertTable(int calls, long median, long longest, int atOnce) {
        assertThat(waits).hasSize(calls);
        List<Long> sorted = waits.stream().sorted().toList();
        assertThat(sorted.stream().filter(wait -> wait == 0).count())
                .as("at once")
                .isEqualTo(atOnce);
        assertThat(sorted.get((calls + 1) / 2 - 1) / MILLI)
                .as("p50, ms")
                .isBetween(median * 95 / 100, median * 101 / 100);
        assertThat(sorted.getLast() / MILLI).as("longest, ms").isBetween(longest * 97 / 100, longest * 101 / 100);
    }

    private void ask(int calls, TeamShare teamShare, Priority priority) {
        for (int call = 0; call < calls; call++) {
            ask(budget, time, teamShare, priority, ROUND_TRIP, waits::add);
        }
    }

    private static void ask(
            Budget budget,
            VirtualTime time,
            TeamShare teamShare,
            Priority priority,
            long roundTrip,
            LongConsumer waited) {
        PermitRequest request = new PermitRequest(
                ACCOUNT,
                "read",
                List.of(LimitCost.on("api")),
                teamShare,
                priority,
                Duration.ofDays(1),
                Optional.empty());
        budget.enqueue(request, decision -> {
            Granted granted = (Granted) decision;
            waited.accept(granted.waited().toNanos());
            granted.permit().send();
            time.after(roundTrip, () -> granted.permit().complete(LimitFeedback.NONE));
        });
    }
}
