package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.BurstAllowance;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Invariant 5: a free permit and a call that may take it never stay beside each other. Time alone may free one, an
 * answer, a caller that leaves, or a disk that has written what was granted. Whether a call may go before its slot as it
 * found nobody waiting does not count: it stands behind those of its team that go first.
 */
class WorkConservingTest {
    private static final String ACCOUNT = "vendor/account";
    private static final List<Limit> LIMITS = List.of(
            Limit.Rate.window("api", 50, Duration.ofSeconds(1)),
            new Limit.Rate("fixed", 60, Duration.ofSeconds(5), Limiter.FIXED, 60),
            new Limit.Rate("bucket", 40, Duration.ofSeconds(1), Limiter.BUCKET, 10),
            Limit.Rate.of("user", 3, Duration.ofSeconds(2)),
            Limit.Rate.of("quota", 300, Duration.ofHours(2)),
            new Limit.Concurrency("organization", 1),
            new Limit.Concurrency("jobs", 2));

    @Test
    void no_call_waits_while_all_of_its_limits_are_free() {
        for (long seed = 0; seed < 30; seed++) {
            new History(seed).play();
        }
    }

    private static final class History implements BudgetStore {
        private final long seed;
        private final RandomGenerator random;
        private final VirtualTime time = new VirtualTime();
        private final Budget budget;
        private final List<PendingRequest> calls = new ArrayList<>();
        private final int variables;
        private final boolean headers;
        /** Whether a disk has written that calls are granted: until then none is. */
        private boolean begun;

        History(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            variables = 1 + random.nextInt(random.nextBoolean() ? 3 : 30);
            headers = random.nextBoolean();
            begun = random.nextBoolean();
            budget = begun ? new PacedBudget(time, time) : new PacedBudget(time, time, time, this);
            budget.define(ACCOUNT, LIMITS);
        }

        @Override
        public LoadResult load(String account) {
            return new LoadResult.Absent();
        }

        @Override
        public void save(String account, AccountSnapshot saved, Completion done) {
            time.after(random.nextLong(4_000_000_000L), () -> {
                begun = true;
                done.ended(null);
            });
        }

        void play() {
            for (int step = 0; step < 600; step++) {
                if (random.nextInt(3) > 0) {
                    calls.add((PendingRequest) budget.enqueue(request(), decision -> {
                        if (decision instanceof Decision.Granted granted) {
                            endSomeTime(granted.permit());
                        }
                    }));
                }
                if (random.nextInt(10) == 0 && !calls.isEmpty()) {
                    calls.get(random.nextInt(calls.size())).cancel();
                }
                long end = time.read() + random.nextLong(20_000_000);
                while (time.runNextUntil(end)) {
                    check();
                }
                time.runUntil(end);
                check();
            }
            time.pass(Duration.ofDays(5));
            // What was given up last counts until a later call is answered.
            PermitRequest last = new PermitRequest(
                    ACCOUNT,
                    "last",
                    List.of(),
                    new TeamShare("team", 1, 1),
                    Priority.BULK,
                    Duration.ZERO,
                    Optional.empty());
            budget.enqueue(last, decision -> {
                Permit permit = ((Decision.Granted) decision).permit();
                permit.send();
                permit.complete(LimitFeedback.NONE);
            });
            time.pass(Duration.ofDays(5));
            assertThat(calls).as("waiting calls, seed %d", seed).noneMatch(call -> call.isWaiting());
            assertThat(budget.state(ACCOUNT).orElseThrow().limits())
                    .as("seed %d", seed)
                    .allMatch(limit -> limit.used() == 0 && limit.counters() == 1);
        }

        private void check() {
            calls.removeIf(call -> !call.isWaiting());
            if (!begun) {
                return;
            }
            long now = time.read();
            assertThat(calls)
                    .as("waiting calls, at %d, seed %d", now, seed)
                    .allMatch(call -> call.counters().stream()
                            .anyMatch(counter -> counter.freeAt(now, 1, BurstAllowance.NONE) > now));
        }

        private void endSomeTime(Permit permit) {
            long takes = random.nextLong(200_000_000);
            switch (random.nextInt(10)) {
                case 0 -> time.after(takes, permit::release);
                case 1 -> time.after(takes, permit::abandon);
                case 2 ->
                    time.after(takes, () -> permit.complete(new LimitFeedback(readings(), Optional.of(throttle()))));
                default -> time.after(takes, () -> permit.complete(new LimitFeedback(readings(), Optional.empty())));
            }
        }

        private static LimitFeedback.Throttle throttle() {
            return new LimitFeedback.Throttle(Scope.LIMITS, Optional.empty(), Duration.ofMillis(300));
        }

        private List<LimitReading> readings() {
            return headers && random.nextInt(4) == 0
                    ? LIMITS.stream().map(this::reading).toList()
                    : List.of();
        }

        private LimitReading reading(Limit limit) {
            return new LimitReading(
                    limit.name(),
                    random.nextInt(5) > 0 ? OptionalLong.empty() : OptionalLong.of(random.nextInt(60)),
                    OptionalLong.of(random.nextInt(60)),
                    random.nextBoolean() ? Optional.of(Duration.ofSeconds(random.nextInt(6))) : Optional.empty());
        }

        private PermitRequest request() {
            List<LimitCost> costs = new ArrayList<>();
            if (random.nextBoolean()) {
                costs.add(LimitCost.on(List.of("api", "fixed", "bucket").get(random.nextInt(3))));
            }
            if (random.nextBoolean()) {
                String limit = random.nextBoolean() ? "user" : "quota";
                costs.add(LimitCost.on(limit, "user-" + random.nextInt(variables)));
            }
            if (random.nextInt(3) == 0) {
                costs.add(LimitCost.on("organization", "organization-" + random.nextInt(variables)));
            }
            if (random.nextInt(4) == 0) {
                costs.add(LimitCost.on("jobs"));
            }
            Collections.shuffle(costs, new Random(random.nextLong()));
            return new PermitRequest(
                    ACCOUNT,
                    "operation-" + costs.size(),
                    costs,
                    new TeamShare("team-" + random.nextInt(3), 1 + random.nextInt(3), 100_000),
                    random.nextBoolean() ? Priority.INTERACTIVE : Priority.BULK,
                    Duration.ofSeconds(1 + random.nextInt(100_000)),
                    Optional.empty());
        }
    }
}
