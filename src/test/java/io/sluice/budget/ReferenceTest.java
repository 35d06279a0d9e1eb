package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The engine grants the same calls in the same order and at the same moments as {@link NaiveBudget}. */
class ReferenceTest {
    private static final List<Limit> LIMITS = List.of(
            new Limit.Rate("api", 20, Duration.ofSeconds(1), Limiter.SLIDING, 1),
            new Limit.Rate("writes", 5, Duration.ofSeconds(1), Limiter.SLIDING, 1),
            new Limit.InFlight("jobs", 3));
    private static final List<List<Claim>> CLAIMS = List.of(
            List.of(Claim.on("api")),
            List.of(Claim.on("api"), Claim.on("writes")),
            List.of(Claim.on("jobs")),
            List.of(Claim.on("writes"), Claim.on("jobs")),
            List.of());
    private static final int STEPS = 400;

    @Test
    void decides_as_the_naive_model_does_step_by_step() {
        for (long seed = 0; seed < 6; seed++) {
            new History(seed).play();
        }
    }

    @Tag("proof")
    @Test
    void decides_as_the_naive_model_does_however_long_one_looks() {
        for (long seed = 6; seed < 1_000; seed++) {
            new History(seed).play();
        }
    }

    private record Flight(NaiveBudget.Call call, Permit permit) {}

    private record Waiting(NaiveBudget.Call call, Ticket ticket) {}

    private static final class History {
        private final long seed;
        private final RandomGenerator random;
        private final VirtualTime time = new VirtualTime();
        private final Budget budget = new PacedBudget(time, time);
        private final NaiveBudget naive = new NaiveBudget(LIMITS);

        private final List<NaiveBudget.Call> granted = new ArrayList<>();
        private final List<NaiveBudget.Call> expected = new ArrayList<>();
        private final List<Flight> flying = new ArrayList<>();
        private final List<Flight> landed = new ArrayList<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private int demands;
        private int checked;

        History(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            budget.define("vendor/account", LIMITS);
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> enqueue();
                    case 4, 5 -> settle();
                    case 6 -> cancel();
                    default -> {}
                }
                check(step);
                for (int milli = random.nextInt(40); milli > 0; milli--) {
                    pass(step);
                }
            }
        }

        /** Lets a millisecond pass; the model looks at each moment at which the engine acts, and once when it should. */
        private void pass(int step) {
            long end = time.read() + 1_000_000;
            while (time.runNextUntil(end)) {
                expected.addAll(naive.dispatch(time.read()));
                check(step);
            }
            time.runUntil(end);
            expected.addAll(naive.dispatch(time.read()));
            check(step);
        }

        private void enqueue() {
            int kind = random.nextInt(CLAIMS.size());
            int team = random.nextInt(4);
            Optional<Flight> first = landed.isEmpty() || random.nextInt(5) > 0
                    ? Optional.empty()
                    : Optional.of(landed.remove(random.nextInt(landed.size())));
            Demand demand = new Demand(
                    "vendor/account",
                    "operation-" + kind,
                    CLAIMS.get(kind),
                    new Flow("team-" + team, 1 << team, 100_000),
                    random.nextBoolean() ? Priority.INTERACTIVE : Priority.BULK,
                    Duration.ofDays(1),
                    first.map(flight -> flight.permit().turn()));
            int order = first.map(flight -> flight.call().order).orElse(demands);
            demands++;
            NaiveBudget.Call call = naive.add(demand.operation(), demand, order, time.read());
            Ticket ticket = budget.enqueue(demand, decision -> {
                granted.add(call);
                flying.add(new Flight(call, ((Decision.Granted) decision).permit()));
            });
            waiting.add(new Waiting(call, ticket));
            expected.addAll(naive.dispatch(time.read()));
        }

        private void settle() {
            if (!flying.isEmpty()) {
                Flight flight = flying.remove(random.nextInt(flying.size()));
                naive.settle(flight.call(), time.read());
                expected.addAll(naive.dispatch(time.read()));
                flight.permit().gaveUp();
                landed.add(flight);
            }
        }

        private void cancel() {
            waiting.removeIf(each -> !each.call().waiting);
            if (!waiting.isEmpty()) {
                Waiting leaving = waiting.remove(random.nextInt(waiting.size()));
                leaving.call().waiting = false;
                assertThat(leaving.ticket().cancel()).isTrue();
                expected.addAll(naive.dispatch(time.read()));
            }
        }

        private void check(int step) {
            for (; checked < Math.max(granted.size(), expected.size()); checked++) {
                assertThat(idAt(granted, checked))
                        .as("call granted as number %d, seed %d, step %d", checked, seed, step)
                        .isEqualTo(idAt(expected, checked));
            }
        }

        private static int idAt(List<NaiveBudget.Call> calls, int index) {
            return index < calls.size() ? calls.get(index).id : -1;
        }
    }
}
