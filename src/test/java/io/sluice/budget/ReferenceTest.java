package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The engine grants and refuses the same calls in the same order and at the same moments as {@link NaiveBudget}: with
 * limits that are stacked, weighed and kept per variable, deadlines, retries, calls that leave, permits given back,
 * refusals of every scope, and headers.
 *
 * <p>Only whether a call is refused at once, by prediction, is the engine's word; the model lets that call go.
 */
class ReferenceTest {
    private static final String ACCOUNT = "vendor/account";
    private static final List<Limit> LIMITS = List.of(
            Limit.Rate.window("api", 20, Duration.ofSeconds(1)),
            new Limit.Rate("writes", 5, Duration.ofSeconds(1), Limiter.SLIDING, Limit.Rate.NO_BURST),
            new Limit.Rate("user", 4, Duration.ofMillis(500), Limiter.SLIDING, 2),
            new Limit.Concurrency("organization", 1),
            new Limit.Concurrency("jobs", 3));
    private static final List<List<LimitCost>> CLAIMS = List.of(
            List.of(LimitCost.on("api")),
            List.of(LimitCost.on("api"), LimitCost.on("writes")),
            List.of(LimitCost.on("jobs")),
            List.of(LimitCost.on("writes"), LimitCost.on("jobs")),
            List.of(new LimitCost("api", "", 3)),
            List.of(LimitCost.on("api"), LimitCost.on("user", "u")),
            List.of(LimitCost.on("user", "u"), LimitCost.on("organization", "o")),
            List.of(LimitCost.on("api"), LimitCost.on("organization", "o")),
            List.of());
    private static final int STEPS = 400;

    @Test
    void decides_as_the_naive_model_does_step_by_step() {
        for (long seed = 0; seed < 5; seed++) {
            new History(seed).play();
        }
    }

    /** In this history, a call that may go before its slot waits behind a retry of its team that may not. */
    @Test
    void a_call_that_may_go_before_its_slot_does_not_wait_behind_one_that_may_not() {
        new History(731).play();
    }

    /** In this history the vendor refuses bursts twice, and its limit is paced evenly from then on. */
    @Test
    void a_limit_whose_bursts_are_stopped_is_paced_as_the_naive_model_says() {
        new History(1930).play();
    }

    @Tag("proof")
    @Test
    void decides_as_the_naive_model_does_however_long_one_looks() {
        for (long seed = 5; seed < 2_000; seed++) {
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
        /** How many users and organizations there are; some histories see no refusals, and no headers. */
        private final int variables;

        private final boolean throttled;
        private final boolean headers;

        private final List<NaiveBudget.Event> events = new ArrayList<>();
        private final List<NaiveBudget.Event> expected = new ArrayList<>();
        private final List<Flight> flying = new ArrayList<>();
        private final List<Flight> landed = new ArrayList<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private boolean predicting;
        private int demands;
        private int checked;

        History(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            variables = 1 + random.nextInt(5);
            throttled = random.nextBoolean();
            headers = random.nextBoolean();
            budget.define(ACCOUNT, LIMITS);
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> enqueue();
                    case 4, 5 -> end();
                    case 6 -> leave();
                    default -> {}
                }
                check(step);
                for (int looks = random.nextInt(8); looks > 0; looks--) {
                    pass(step);
                }
            }
            assertThat(events).as("what happened, seed %d", seed).hasSizeGreaterThan(STEPS / 8);
        }

        /** Lets some milliseconds pass; the model looks at each moment at which the engine acts, and once when it should. */
        private void pass(int step) {
            long end = time.read() + 5_000_000;
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
            PermitRequest request = new PermitRequest(
                    ACCOUNT,
                    "operation-" + kind,
                    CLAIMS.get(kind).stream().map(this::ofSome).toList(),
                    new TeamShare("team-" + team, 1 << team, 100_000),
                    random.nextBoolean() ? Priority.INTERACTIVE : Priority.BULK,
                    random.nextInt(4) > 0 ? Duration.ofDays(1) : Duration.ofMillis(random.nextInt(3_000)),
                    first.map(flight -> flight.permit().position()));
            int order = first.map(flight -> flight.call().order).orElse(demands);
            demands++;
            NaiveBudget.Call call = naive.add(request, order, time.read());
            predicting = true;
            waiting.add(new Waiting(call, budget.enqueue(request, decision -> decided(call, decision))));
            predicting = false;
            expected.addAll(naive.dispatch(time.read()));
        }

        private LimitCost ofSome(LimitCost claim) {
            return claim.variable().isEmpty()
                    ? claim
                    : LimitCost.on(claim.limit(), claim.variable() + random.nextInt(variables));
        }

        private void decided(NaiveBudget.Call call, Decision decision) {
            switch (decision) {
                case Decision.Granted(Permit permit, Duration _) -> {
                    events.add(new NaiveBudget.Event(call.id, true));
                    flying.add(new Flight(call, permit));
                }
                case Decision.Denied _ when predicting -> naive.leave(call);
                case Decision.Denied _ -> events.add(new NaiveBudget.Event(call.id, false));
            }
        }

        private void end() {
            if (flying.isEmpty()) {
                return;
            }
            Flight flight = flying.remove(random.nextInt(flying.size()));
            long now = time.read();
            int how = random.nextInt(16);
            if (how == 0 && throttled) {
                LimitFeedback.Throttle throttle = throttle();
                naive.refuse(flight.call(), throttle, now);
                expected.addAll(naive.dispatch(now));
                flight.permit().complete(new LimitFeedback(List.of(), Optional.of(throttle)));
            } else if (how <= 3 && headers) {
                List<LimitReading> readings =
                        flight.call().limits().map(this::reading).toList();
                naive.end(flight.call(), readings, now);
                expected.addAll(naive.dispatch(now));
                flight.permit().send();
                flight.permit().complete(new LimitFeedback(readings, Optional.empty()));
            } else if (how <= 5) {
                naive.release(flight.call());
                expected.addAll(naive.dispatch(now));
                flight.permit().release();
            } else if (how <= 8) {
                naive.giveUp(flight.call(), now);
                expected.addAll(naive.dispatch(now));
                flight.permit().abandon();
            } else {
                naive.end(flight.call(), List.of(), now);
                expected.addAll(naive.dispatch(now));
                flight.permit().send();
                flight.permit().complete(LimitFeedback.NONE);
            }
            landed.add(flight);
        }

        private LimitFeedback.Throttle throttle() {
            Scope[] scopes = Scope.values();
            return new LimitFeedback.Throttle(
                    scopes[random.nextInt(scopes.length)],
                    random.nextBoolean() ? Optional.of(Duration.ofMillis(random.nextInt(800))) : Optional.empty(),
                    Duration.ofMillis(1 + random.nextInt(200)));
        }

        private LimitReading reading(String limit) {
            return new LimitReading(
                    limit,
                    random.nextInt(3) > 0 ? OptionalLong.empty() : OptionalLong.of(random.nextInt(30)),
                    random.nextInt(3) > 0 ? OptionalLong.of(random.nextInt(20)) : OptionalLong.empty(),
                    random.nextBoolean() ? Optional.of(Duration.ofMillis(random.nextInt(1_500))) : Optional.empty());
        }

        private void leave() {
            waiting.removeIf(each -> !each.call().waiting);
            if (!waiting.isEmpty()) {
                Waiting leaving = waiting.remove(random.nextInt(waiting.size()));
                naive.leave(leaving.call());
                assertThat(leaving.ticket().cancel()).isTrue();
                expected.addAll(naive.dispatch(time.read()));
            }
        }

        private void check(int step) {
            for (; checked < Math.max(events.size(), expected.size()); checked++) {
                assertThat(eventAt(events, checked))
                        .as("event number %d, seed %d, step %d", checked, seed, step)
                        .isEqualTo(eventAt(expected, checked));
            }
        }

        private static NaiveBudget.Event eventAt(List<NaiveBudget.Event> all, int index) {
            return index < all.size() ? all.get(index) : new NaiveBudget.Event(-1, false);
        }
    }
}
