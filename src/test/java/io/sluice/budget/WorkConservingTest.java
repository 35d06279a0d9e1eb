package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Invariant 5: a free permit and a call that may take it never stay beside each other. */
class WorkConservingTest {
    private static final List<Limit> LIMITS = List.of(
            Limit.Rate.of("api", 50, Duration.ofSeconds(1)),
            Limit.Rate.of("user", 3, Duration.ofSeconds(2)),
            new Limit.InFlight("jobs", 2));

    @Test
    void no_call_waits_while_all_of_its_limits_are_free() {
        for (long seed = 0; seed < 100; seed++) {
            history(seed);
        }
    }

    private static void history(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        VirtualTime time = new VirtualTime();
        PacedBudget budget = new PacedBudget(time, time);
        budget.define("vendor/account", LIMITS);
        List<Waiter> calls = new ArrayList<>();
        int users = 1 + random.nextInt(30);
        for (int step = 0; step < 600; step++) {
            if (random.nextInt(3) > 0) {
                calls.add((Waiter) budget.enqueue(demand(random, users), decision -> {
                    if (decision instanceof Decision.Granted granted) {
                        answerSomeTime(time, random, granted.permit());
                    }
                }));
            }
            if (random.nextInt(10) == 0 && !calls.isEmpty()) {
                calls.get(random.nextInt(calls.size())).cancel();
            }
            long end = time.read() + random.nextLong(20_000_000);
            while (time.runNextUntil(end)) {
                check(calls, time.read(), seed);
            }
            time.runUntil(end);
            check(calls, end, seed);
        }
        time.pass(Duration.ofDays(1));
        assertThat(calls).as("waiting calls, seed %d", seed).noneMatch(call -> call.waiting);
        assertThat(budget.state("vendor/account").orElseThrow().limits())
                .as("seed %d", seed)
                .allMatch(limit -> limit.used() == 0 && limit.counters() == 1);
    }

    private static void check(List<Waiter> calls, long now, long seed) {
        calls.removeIf(call -> !call.waiting);
        assertThat(calls)
                .as("waiting calls, at %d, seed %d", now, seed)
                .allMatch(call -> call.meters.stream().anyMatch(meter -> meter.freeAt(now, 1) > now));
    }

    private static void answerSomeTime(VirtualTime time, RandomGenerator random, Permit permit) {
        long takes = random.nextLong(200_000_000);
        switch (random.nextInt(10)) {
            case 0 -> time.after(takes, permit::giveBack);
            case 1 -> time.after(takes, permit::gaveUp);
            case 2 ->
                time.after(
                        takes,
                        () -> permit.answered(new Answer(
                                List.of(),
                                Optional.of(
                                        new Answer.Throttle(Scope.LIMITS, Optional.empty(), Duration.ofMillis(300))))));
            default -> time.after(takes, () -> permit.answered(Answer.SILENT));
        }
    }

    private static Demand demand(RandomGenerator random, int users) {
        List<Claim> claims = new ArrayList<>();
        claims.add(Claim.on("api"));
        if (random.nextBoolean()) {
            claims.add(Claim.on("user", "user-" + random.nextInt(users)));
        }
        if (random.nextInt(4) == 0) {
            claims.add(Claim.on("jobs"));
        }
        return new Demand(
                "vendor/account",
                "operation-" + claims.size(),
                claims,
                new Flow("team-" + random.nextInt(3), 1 + random.nextInt(3), 100_000),
                random.nextBoolean() ? Priority.INTERACTIVE : Priority.BULK,
                Duration.ofSeconds(1 + random.nextInt(100_000)),
                Optional.empty());
    }
}
