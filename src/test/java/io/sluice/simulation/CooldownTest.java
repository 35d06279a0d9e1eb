package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Permit;
import io.sluice.budget.QueuePosition;
import io.sluice.budget.Scope;
import io.sluice.budget.window.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Invariants 4 and 6: nothing is sent before a closed scope reopens and the first waiter goes as soon as it does; and a
 * deadline is answered on time, its permit unspent.
 */
class CooldownTest {
    private static final String ACCOUNT = PacedBudgets.ACCOUNT;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final List<Scope> SCOPES = List.of(Scope.OPERATION, Scope.LIMITS, Scope.ACCOUNT);

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = PacedBudgets.of(time);
    private final List<Permit> permits = new ArrayList<>();

    @Test
    void nothing_goes_before_the_vendor_reopens_and_one_goes_as_soon_as_it_does() {
        for (long seed = 0; seed < 200; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            VirtualTime clock = new VirtualTime();
            Budget closing = PacedBudgets.of(clock, Limit.Rate.of("api", 50, Duration.ofSeconds(1)));
            List<Permit> granted = new ArrayList<>();
            for (int call = 0; call < 1_000; call++) {
                closing.enqueue(Requests.of(ACCOUNT, "read", MINUTE, LimitCost.on("api")), decision -> {
                    if (decision instanceof Granted grant) {
                        granted.add(grant.permit());
                    }
                });
            }
            int answered = 0;
            for (int episode = 0; episode < 10; episode++) {
                clock.pass(Duration.ofNanos(random.nextLong(900_000_000L)));
                Scope scope = SCOPES.get(random.nextInt(SCOPES.size()));
                Duration retryAfter = Duration.ofMillis(100 + random.nextInt(3_000));
                while (granted.size() == answered) {
                    clock.runNext();
                }
                granted.getLast().complete(Requests.throttled(scope, Optional.of(retryAfter)));
                int before = granted.size();
                long closedUntil = clock.read() + retryAfter.toNanos();

                clock.runUntil(closedUntil - 1);

                assertThat(granted).as("granted while closed, seed %d", seed).hasSize(before);
                clock.runUntil(closedUntil + 50_000_000);
                boolean free =
                        closing.state(ACCOUNT).orElseThrow().limits().getFirst().remaining() > 0;
                if (free) {
                    assertThat(granted)
                            .as("granted once reopened, seed %d", seed)
                            .hasSize(before + 1);
                }
                answered = granted.size();
                List.copyOf(granted).forEach(permit -> permit.complete(LimitFeedback.NONE));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SimulatedVendor.Headers.class)
    void whatever_others_use_nothing_goes_while_the_vendor_is_closed_and_one_goes_first(
            SimulatedVendor.Headers headers) {
        long refused = 0;
        for (long seed = 0; seed < 40; seed++) {
            refused += new SharedKey(seed, headers).play();
        }
        assertThat(refused).as("refused calls").isPositive();
    }

    /** Callers of ours beside others who use the same key, so that the vendor has to refuse some. */
    private static final class SharedKey {
        private static final long SECOND = 1_000_000_000L;
        private static final int CALLS = 500;

        private final long seed;
        private final RandomGenerator random;
        private final VirtualTime clock = new VirtualTime();
        private final Budget shared = PacedBudgets.of(clock);
        private final SimulatedVendor vendor;
        private final long foreignEvery;

        private int answered;
        private long closedUntil;
        private boolean proven = true;
        private @Nullable Permit probe;

        SharedKey(long seed, SimulatedVendor.Headers headers) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            long window = SECOND * (1 + random.nextInt(10));
            int permits = 10 + random.nextInt(50);
            foreignEvery = window / (1 + random.nextInt(permits));
            long phase = random.nextLong(window);
            VendorLimiter limiter = switch (random.nextInt(4)) {
                case 0 -> new VendorLimiter.FixedWindows(permits, window, phase);
                case 1 -> new VendorLimiter.SlidingLog(permits, window);
                case 2 -> new VendorLimiter.SlidingCounter(permits, window, phase);
                default -> new VendorLimiter.Bucket(permits, permits, window);
            };
            Delays delays = Delays.any(random, clock, window);
            vendor = new SimulatedVendor(clock, random, "api", limiter, delays, delays).telling(headers);
            shared.define(ACCOUNT, List.of(Limit.Rate.of("api", permits, Duration.ofNanos(window))));
        }

        /** Returns how many calls the vendor refused. */
        long play() {
            foreignCall();
            for (int caller = 0; caller < 20; caller++) {
                ask();
            }
            while (answered < CALLS && clock.runNext()) {
                assertThat(clock.read())
                        .as("time of %d calls, seed %d", answered, seed)
                        .isLessThan(86_400 * SECOND);
            }
            assertThat(vendor.accepted()).as("accepted calls, seed %d", seed).isPositive();
            return vendor.refused();
        }

        private void foreignCall() {
            vendor.foreignCall();
            clock.after(1 + random.nextLong(2 * foreignEvery), this::foreignCall);
        }

        private void ask() {
            shared.enqueue(Requests.of(ACCOUNT, "read", Duration.ofDays(30), LimitCost.on("api")), decision -> {
                assertThat(clock.read())
                        .as("granted while closed, seed %d", seed)
                        .isGreaterThanOrEqualTo(closedUntil);
                assertThat(probe).as("granted beside a probe, seed %d", seed).isNull();
                Granted granted = (Granted) decision;
                Watched permit = new Watched(granted.permit());
                probe = proven ? null : permit;
                vendor.call(new Granted(permit, granted.waited()), accepted -> {
                    answered++;
                    ask();
                });
            });
        }

        private void heard(Permit permit, LimitFeedback answer) {
            boolean wasCanary = permit.equals(probe);
            probe = wasCanary ? null : probe;
            if (answer.throttle().isPresent()) {
                LimitFeedback.Throttle throttle = answer.throttle().get();
                Duration atLeast = throttle.retryAfter().orElse(throttle.backoff());
                closedUntil = Math.max(closedUntil, clock.read() + atLeast.toNanos());
                proven = false;
            } else if (wasCanary && clock.read() >= closedUntil) {
                proven = true;
            }
        }

        /** A permit whose answer is looked at before the budget hears it. */
        private final class Watched implements Permit {
            private final Permit permit;

            Watched(Permit permit) {
                this.permit = permit;
            }

            @Override
            public boolean send() {
                return permit.send();
            }

            @Override
            public boolean reassign(String operation) {
                return permit.reassign(operation);
            }

            @Override
            public void complete(LimitFeedback answer) {
                heard(this, answer);
                permit.complete(answer);
            }

            @Override
            public void abandon() {
                permit.abandon();
            }

            @Override
            public void release() {
                permit.release();
            }

            @Override
            public QueuePosition position() {
                return permit.position();
            }
        }
    }

    @Test
    void one_goes_ahead_then_all_follow_at_half_the_rate_for_a_window() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 101, Duration.ofSeconds(1))));
        ask(500, "read");
        permits.getFirst().complete(Requests.throttled(Scope.ACCOUNT, Optional.of(Duration.ofSeconds(2))));
        assertThat(permits).hasSize(1);

        time.pass(Duration.ofMillis(2_020));
        assertThat(permits).as("the probe goes alone").hasSize(2);

        permits.get(1).complete(LimitFeedback.NONE);
        int before = permits.size();
        answerEach(Duration.ofSeconds(1));
        assertThat(permits.size() - before).as("half rate").isBetween(45, 52);

        before = permits.size();
        answerEach(Duration.ofSeconds(1));
        assertThat(permits.size() - before).as("full rate").isBetween(95, 101);
    }

    @Test
    void half_rate_lasts_a_minute_at_most_and_has_no_bursts() {
        budget.define(ACCOUNT, List.of(Limit.Rate.window("api", 3_600, Duration.ofHours(1))));
        ask(1, "read");
        permits.getFirst().complete(Requests.throttled(Scope.ACCOUNT, Optional.of(Duration.ofSeconds(1))));
        time.pass(Duration.ofMinutes(10));
        ask(1, "read");
        permits.getLast().complete(LimitFeedback.NONE);

        int before = permits.size();
        askPatiently(100);
        assertThat(permits).as("no burst").hasSize(before);
        answerEach(Duration.ofSeconds(59));
        assertThat(permits.size() - before).as("half of one a second").isBetween(28, 30);
        before = permits.size();
        answerEach(Duration.ofSeconds(11));
        assertThat(permits.size() - before).as("full rate").isBetween(9, 11);
        answerEach(Duration.ofMinutes(2));
        before = permits.size();
        askPatiently(100);

        assertThat(permits.size() - before).as("bursts again").isEqualTo(100);
    }

    @Test
    void a_canary_that_is_refused_doubles_a_wait_that_the_vendor_does_not_name() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 101, Duration.ofSeconds(1))));
        ask(10, "read");
        permits.getFirst().complete(Requests.throttled(Scope.OPERATION, Optional.empty()));
        time.pass(Duration.ofSeconds(1));
        assertThat(permits).hasSize(2);

        permits.get(1).complete(Requests.throttled(Scope.OPERATION, Optional.empty()));

        time.pass(Duration.ofMillis(1_999));
        assertThat(permits).hasSize(2);
        time.pass(Duration.ofMillis(1));
        assertThat(permits).hasSize(3);
    }

    @Test
    void a_canary_that_is_not_sent_hands_its_part_on() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 101, Duration.ofSeconds(1))));
        ask(10, "read");
        permits.getFirst().complete(Requests.throttled(Scope.ACCOUNT, Optional.of(Duration.ofSeconds(1))));
        time.pass(Duration.ofSeconds(1));

        permits.get(1).release();

        time.pass(Duration.ofMillis(50));
        assertThat(permits).hasSize(3);
    }

    @Test
    void a_closed_operation_leaves_the_others_open() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 101, Duration.ofSeconds(1))));
        ask(1, "write");
        permits.getFirst().complete(Requests.throttled(Scope.OPERATION, Optional.of(Duration.ofSeconds(5))));

        ask(3, "write");
        ask(3, "read");
        time.pass(Duration.ofSeconds(1));

        assertThat(permits).hasSize(4);
        assertThat(budget.state(ACCOUNT).orElseThrow().closed())
                .singleElement()
                .satisfies(closed -> assertThat(closed.closedFor()).isEqualTo(Duration.ofSeconds(4)));
    }

    @Test
    void tells_how_long_a_closed_vendor_keeps_a_call_waiting() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 101, Duration.ofSeconds(1))));
        ask(1, "read");
        permits.getFirst().complete(Requests.throttled(Scope.ACCOUNT, Optional.of(Duration.ofSeconds(40))));
        List<Decision> decisions = new ArrayList<>();

        budget.enqueue(Requests.of(ACCOUNT, "read", Duration.ofSeconds(39), LimitCost.on("api")), decisions::add);

        assertThat(decisions)
                .singleElement()
                .isInstanceOfSatisfying(
                        Denied.class,
                        refused -> assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(40)));
    }

    @Test
    void every_deadline_is_answered_on_time_and_takes_nothing() {
        for (long seed = 0; seed < 50; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            VirtualTime clock = new VirtualTime();
            Budget busy = PacedBudgets.of(
                    clock, new Limit.Concurrency("jobs", 2), Limit.Rate.of("api", 20, Duration.ofSeconds(1)));
            List<Long> late = new ArrayList<>();
            int[] grants = {0};
            for (int call = 0; call < 500; call++) {
                clock.pass(Duration.ofMillis(random.nextInt(30)));
                long deadline = clock.read() + random.nextLong(1_000_000_000L);
                long answers = random.nextLong(400_000_000L);
                busy.enqueue(
                        Requests.of(
                                ACCOUNT,
                                "read",
                                Duration.ofNanos(deadline - clock.read()),
                                LimitCost.on("jobs"),
                                LimitCost.on("api")),
                        decision -> {
                            late.add(clock.read() - deadline);
                            if (decision instanceof Granted granted) {
                                grants[0]++;
                                clock.after(answers, () -> granted.permit().complete(LimitFeedback.NONE));
                            }
                        });
            }
            clock.pass(MINUTE);

            assertThat(late).as("seed %d", seed).hasSize(500).allMatch(nanos -> nanos <= 0);
            Budget.AccountState state = busy.state(ACCOUNT).orElseThrow();
            assertThat(state.limits()).as("seed %d", seed).allMatch(limit -> limit.used() == 0);
            assertThat(state.queues().getFirst().served()).as("seed %d", seed).isEqualTo(grants[0]);
        }
    }

    private void askPatiently(int calls) {
        for (int call = 0; call < calls; call++) {
            budget.enqueue(
                    Requests.of(ACCOUNT, "read", Duration.ofHours(1), LimitCost.on("api")),
                    decision -> permits.add(((Granted) decision).permit()));
        }
    }

    private void ask(int calls, String operation) {
        for (int call = 0; call < calls; call++) {
            budget.enqueue(
                    Requests.of(ACCOUNT, operation, MINUTE, LimitCost.on("api")),
                    decision -> permits.add(((Granted) decision).permit()));
        }
    }

    /** Lets time pass, and answers each permit 1 ms after it was granted. */
    private void answerEach(Duration duration) {
        int answered = permits.size();
        for (long millis = 0; millis < duration.toMillis(); millis++) {
            time.pass(Duration.ofMillis(1));
            while (answered < permits.size()) {
                permits.get(answered++).complete(LimitFeedback.NONE);
            }
        }
    }
}
