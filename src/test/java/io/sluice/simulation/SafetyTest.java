package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.Ticker;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Invariant 1: our own traffic never makes a vendor refuse, whatever its limiter, its phase and the delays.
 *
 * <p>Seeds that once failed are among the first and stay there: 11 of FIXED, where the resets of two windows, rounded to
 * seconds, were taken for one and calls dropped that still counted.
 */
class SafetyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int HISTORIES = 58;
    private static final int CALLS = 3_000;
    /** In each run of all limiters at least a million calls reach the vendor. */
    private static final long CALLS_A_LIMITER = 1_000_000 / Limiter.values().length;

    @ParameterizedTest
    @EnumSource(Limiter.class)
    void no_vendor_ever_refuses_our_own_calls(Limiter declared) {
        long arrived = 0;
        for (long seed = 0; seed < HISTORIES; seed++) {
            arrived += history(declared, seed, CALLS);
        }
        assertThat(arrived).as("simulated calls").isGreaterThanOrEqualTo(CALLS_A_LIMITER);
    }

    /** Two calls a window, of which one is abandoned, or others seem to take one: a counter weighs the window before. */
    @ParameterizedTest
    @CsvSource({"WINDOW, 164", "UNKNOWN, 1217", "COUNTER, 417"})
    void no_vendor_refuses_where_one_permit_is_left_of_two(Limiter declared, long seed) {
        assertThat(history(declared, seed, CALLS)).isPositive();
    }

    @Tag("proof")
    @ParameterizedTest
    @EnumSource(Limiter.class)
    void no_vendor_ever_refuses_our_own_calls_however_long_one_looks(Limiter declared) {
        for (long seed = HISTORIES; seed < HISTORIES + 2_000; seed++) {
            history(declared, seed, CALLS);
        }
    }

    /** Plays a history, and returns how many calls arrived at the vendor. */
    private static long history(Limiter declared, long seed, int calls) {
        RandomGenerator random = new SplittableRandom(seed);
        VirtualTime time = new VirtualTime();
        long window = SECOND * new int[] {1, 1, 10, 60, 3600}[random.nextInt(5)];
        int permits = 1 + random.nextInt(random.nextBoolean() ? 10 : 400);
        // Of one call a window a counter could never be used up, so none is reckoned with.
        permits = declared == Limiter.COUNTER ? Math.max(2, permits) : permits;
        int burst = burst(declared, permits, random);
        Limit limit = new Limit.Rate("api", permits, Duration.ofNanos(window), declared, burst);
        VendorLimiter limiter = limiter(declared, permits, burst, window, random);
        SimulatedVendor vendor = new SimulatedVendor(
                        time,
                        random,
                        "api",
                        limiter,
                        Delays.any(random, time, window),
                        Delays.any(random, time, window))
                .telling(headers(declared, random))
                .resets(List.of(SimulatedVendor.Resets.values()).get(random.nextInt(3)))
                .losing(random.nextInt(4) == 0 ? 0.05 : 0);
        Budget budget = new PacedBudget(ticker(declared, random, time, window), time);
        List<Limit> limits = new ArrayList<>(List.of(limit));
        int users = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0;
        if (users > 0) {
            limits.add(limitPerUser(declared, window, vendor, random));
        }
        budget.define("vendor/account", limits);
        Load load = new Load(time, random, budget, vendor, users, calls);
        load.start(1 + random.nextInt(2 * permits));
        while (load.answered < calls && time.runNext()) {
            assertThat(vendor.refused())
                    .as("refused calls, limiter %s, vendor %s, seed %d", declared, limiter, seed)
                    .isZero();
        }
        assertThat(load.answered).as("answered calls, seed %d", seed).isEqualTo(calls);
        return vendor.accepted();
    }

    /** A clock that runs on, or one that is set back every now and then: only resets need one that does not. */
    private static Ticker ticker(Limiter declared, RandomGenerator random, VirtualTime time, long window) {
        long every = 1 + random.nextLong(20 * window);
        long by = declared == Limiter.FIXED || random.nextInt(4) > 0 ? 0 : random.nextLong(every / 5 + 1);
        return () -> time.read() - time.read() / every * by;
    }

    private static Limit limitPerUser(Limiter declared, long window, SimulatedVendor vendor, RandomGenerator random) {
        int permits = 2 + random.nextInt(20);
        int burst = burst(declared, permits, random);
        long userWindow = 1_000_000 + random.nextLong(2 * window);
        vendor.perUser(() -> limiter(declared, permits, burst, userWindow, random));
        return new Limit.Rate("user", permits, Duration.ofNanos(userWindow), declared, burst);
    }

    private static int burst(Limiter declared, int permits, RandomGenerator random) {
        return switch (declared) {
            case UNKNOWN -> Limit.Rate.NO_BURST;
            case BUCKET, FIXED -> 1 + random.nextInt(permits);
            case WINDOW, SLIDING, COUNTER -> random.nextBoolean() ? Limit.Rate.NO_BURST : 1 + random.nextInt(permits);
        };
    }

    private static SimulatedVendor.Headers headers(Limiter declared, RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> SimulatedVendor.Headers.NONE;
            case 1 -> SimulatedVendor.Headers.SOME;
            // Who declares fixed windows asks to believe the resets; nothing is safe against one that lies.
            case 2 -> declared == Limiter.FIXED ? SimulatedVendor.Headers.ALL : SimulatedVendor.Headers.WRONG;
            default -> SimulatedVendor.Headers.ALL;
        };
    }

    private static VendorLimiter limiter(
            Limiter declared, int permits, int burst, long window, RandomGenerator random) {
        long phase = random.nextLong(window);
        return switch (declared) {
            case FIXED -> new VendorLimiter.FixedWindows(permits, window, phase);
            case SLIDING -> new VendorLimiter.SlidingLog(permits, window);
            case COUNTER -> new VendorLimiter.SlidingCounter(permits, window, phase);
            case BUCKET -> new VendorLimiter.Bucket(burst, permits, window);
            case UNKNOWN, WINDOW ->
                switch (random.nextInt(permits == 1 ? 2 : 4)) {
                    case 0 -> new VendorLimiter.FixedWindows(permits, window, phase);
                    case 1 -> new VendorLimiter.SlidingLog(permits, window);
                    case 2 -> new VendorLimiter.SlidingCounter(permits, window, phase);
                    default -> new VendorLimiter.Bucket(permits, permits, window);
                };
        };
    }

    /** Callers that ask again after each answer, and rest now and then. */
    private static final class Load {
        private final VirtualTime time;
        private final RandomGenerator random;
        private final Budget budget;
        private final SimulatedVendor vendor;
        private final int users;
        private int toAsk;
        private int answered;

        Load(VirtualTime time, RandomGenerator random, Budget budget, SimulatedVendor vendor, int users, int calls) {
            this.time = time;
            this.random = random;
            this.budget = budget;
            this.vendor = vendor;
            this.users = users;
            toAsk = calls;
        }

        void start(int callers) {
            for (int caller = 0; caller < callers; caller++) {
                ask();
            }
        }

        private void ask() {
            if (toAsk-- > 0) {
                String user = users == 0 ? "" : "user-" + random.nextInt(users);
                budget.enqueue(
                        new PermitRequest(
                                "vendor/account",
                                "read",
                                users == 0
                                        ? List.of(LimitCost.on("api"))
                                        : List.of(LimitCost.on("api"), LimitCost.on("user", user)),
                                new TeamShare("team-" + random.nextInt(3), 1, 1_000_000),
                                random.nextBoolean() ? Priority.INTERACTIVE : Priority.BULK,
                                Duration.ofDays(1_000),
                                Optional.empty()),
                        decision -> decided(user, decision));
            }
        }

        private void decided(String user, Decision decision) {
            Decision.Granted granted = (Decision.Granted) decision;
            if (random.nextInt(50) == 0) {
                granted.permit().release();
                end();
            } else {
                vendor.call(granted, user, accepted -> end());
            }
        }

        private void end() {
            answered++;
            if (random.nextInt(20) == 0) {
                time.after(random.nextLong(3 * SECOND), this::ask);
            } else {
                ask();
            }
        }
    }
}
