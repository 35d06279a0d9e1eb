package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Claim;
import io.sluice.budget.Decision;
import io.sluice.budget.Demand;
import io.sluice.budget.Flow;
import io.sluice.budget.Limit;
import io.sluice.budget.Limiter;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Invariant 1: our own traffic never makes a vendor refuse, whatever its limiter, its phase and the delays.
 *
 * <p>Seeds that once failed are among the first and stay there: 11 of FIXED, where the resets of two windows, rounded to
 * seconds, were taken for one and calls dropped that still counted.
 */
class SafetyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int HISTORIES = 70;
    private static final int CALLS = 3_000;

    @ParameterizedTest
    @EnumSource(Limiter.class)
    void no_vendor_ever_refuses_our_own_calls(Limiter declared) {
        for (long seed = 0; seed < HISTORIES; seed++) {
            history(declared, seed, CALLS);
        }
    }

    @Tag("proof")
    @ParameterizedTest
    @EnumSource(Limiter.class)
    void no_vendor_ever_refuses_our_own_calls_however_long_one_looks(Limiter declared) {
        for (long seed = HISTORIES; seed < HISTORIES + 2_000; seed++) {
            history(declared, seed, CALLS);
        }
    }

    private static void history(Limiter declared, long seed, int calls) {
        RandomGenerator random = new SplittableRandom(seed);
        VirtualTime time = new VirtualTime();
        long window = SECOND * new int[] {1, 1, 10, 60, 3600}[random.nextInt(5)];
        int permits = 1 + random.nextInt(random.nextBoolean() ? 10 : 400);
        int burst = declared == Limiter.BUCKET || declared == Limiter.FIXED ? 1 + random.nextInt(permits) : 1;
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
                .losing(random.nextInt(4) == 0 ? 0.05 : 0);
        Budget budget = new PacedBudget(time, time);
        budget.define("vendor/account", List.of(limit));
        Load load = new Load(time, random, budget, vendor, calls);
        load.start(1 + random.nextInt(2 * permits));
        while (load.answered < calls && time.runNext()) {
            assertThat(vendor.refused())
                    .as("refused calls, limiter %s, vendor %s, seed %d", declared, limiter, seed)
                    .isZero();
        }
        assertThat(load.answered).as("answered calls, seed %d", seed).isEqualTo(calls);
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
            case UNKNOWN ->
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
        private int toAsk;
        private int answered;

        Load(VirtualTime time, RandomGenerator random, Budget budget, SimulatedVendor vendor, int calls) {
            this.time = time;
            this.random = random;
            this.budget = budget;
            this.vendor = vendor;
            toAsk = calls;
        }

        void start(int callers) {
            for (int caller = 0; caller < callers; caller++) {
                ask();
            }
        }

        private void ask() {
            if (toAsk-- > 0) {
                budget.enqueue(
                        new Demand(
                                "vendor/account",
                                "read",
                                List.of(Claim.on("api")),
                                new Flow("team-" + random.nextInt(3), 1, 1_000_000),
                                random.nextBoolean() ? Priority.INTERACTIVE : Priority.BULK,
                                Duration.ofDays(1_000),
                                Optional.empty()),
                        this::decided);
            }
        }

        private void decided(Decision decision) {
            Decision.Granted granted = (Decision.Granted) decision;
            if (random.nextInt(50) == 0) {
                granted.permit().giveBack();
                end();
            } else {
                vendor.call(granted, accepted -> end());
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
