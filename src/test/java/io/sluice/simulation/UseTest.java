package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Invariant 2: under backlog at least 97 % of what is possible without a refusal. */
class UseTest {
    private static final long MILLI = 1_000_000L;
    private static final int PERMITS = 100;
    private static final int BURST = 20;

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 10", "1, 20", "1, 50", "10, 0", "10, 10", "10, 20", "10, 50"})
    void uses_what_can_be_used_without_a_refusal(int windowSeconds, int jitterMillis) {
        long window = windowSeconds * 1000L * MILLI;
        long jitter = jitterMillis * MILLI;
        for (Limiter declared : Limiter.values()) {
            for (VendorLimiter limiter : limitersThatMayBe(declared, window)) {
                double bound = declared == Limiter.BUCKET ? 1 : (double) window / (window + jitter);

                double use = use(declared, limiter, window, jitter);

                assertThat(use)
                        .as("use of %s, declared %s, %d s, %d ms", limiter, declared, windowSeconds, jitterMillis)
                        .isGreaterThan(0.97 * bound);
            }
        }
    }

    /** The first table of the pacing rules, for limits of any size and round trips from none to beyond the window. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 10, 60, 200})
    void uses_what_arithmetic_allows_whatever_the_limits_size_and_the_round_trip(int permits) {
        long window = 10_000 * MILLI;
        for (Limiter declared : Limiter.values()) {
            boolean counter = permits > 1
                    && (declared == Limiter.UNKNOWN || declared == Limiter.WINDOW || declared == Limiter.COUNTER);
            for (double share : new double[] {0, 0.02, 0.1, 0.5, 1.5}) {
                long roundTrip = (long) (share * window);
                VendorLimiter limiter = counter
                        ? new VendorLimiter.SlidingCounter(permits, window, window / 3)
                        : new VendorLimiter.SlidingLog(permits, window);
                double bound = (counter ? (permits - 1.0) / permits : 1) * window / (window + roundTrip);
                VirtualTime time = new VirtualTime();
                SimulatedVendor vendor = new SimulatedVendor(
                        time,
                        new SplittableRandom(permits),
                        "api",
                        limiter,
                        Delays.constant(roundTrip / 2),
                        Delays.constant(roundTrip - roundTrip / 2));
                Budget budget = PacedBudgets.of(time);
                budget.define(
                        "vendor/account",
                        List.of(new Limit.Rate(
                                "api", permits, Duration.ofNanos(window), declared, Limit.Rate.NO_BURST)));
                for (int waiting = 0; waiting < 2 * permits + 2; waiting++) {
                    ask(budget, vendor);
                }
                int windows = Math.max(10, 400 / permits);
                time.runUntil(6 * window);
                long before = vendor.accepted();
                time.runUntil((6 + windows) * window);

                assertThat(vendor.refused()).isZero();
                assertThat((vendor.accepted() - before) / (double) (windows * permits))
                        .as("use of %d, declared %s, round trip %s of the window", permits, declared, share)
                        .isGreaterThan(0.97 * bound);
            }
        }
    }

    private static List<VendorLimiter> limitersThatMayBe(Limiter declared, long window) {
        VendorLimiter fixed = new VendorLimiter.FixedWindows(PERMITS, window, window / 3);
        VendorLimiter log = new VendorLimiter.SlidingLog(PERMITS, window);
        VendorLimiter counter = new VendorLimiter.SlidingCounter(PERMITS, window, window / 3);
        VendorLimiter bucket = new VendorLimiter.Bucket(BURST, PERMITS, window);
        return switch (declared) {
            case UNKNOWN -> List.of(fixed, log, counter, bucket);
            case WINDOW -> List.of(fixed, log, counter, new VendorLimiter.Bucket(PERMITS, PERMITS, window));
            case FIXED -> List.of(fixed);
            case SLIDING -> List.of(log);
            case COUNTER -> List.of(counter);
            case BUCKET -> List.of(bucket);
        };
    }

    private static double use(Limiter declared, VendorLimiter limiter, long window, long jitter) {
        VirtualTime time = new VirtualTime();
        SimulatedVendor vendor = new SimulatedVendor(
                        time,
                        new SplittableRandom(jitter),
                        "api",
                        limiter,
                        Delays.uniform(2 * MILLI, jitter),
                        Delays.constant(2 * MILLI))
                .telling(declared == Limiter.FIXED ? SimulatedVendor.Headers.ALL : SimulatedVendor.Headers.NONE);
        Budget budget = PacedBudgets.of(time);
        int burst = declared == Limiter.BUCKET || declared == Limiter.FIXED ? BURST : Limit.Rate.NO_BURST;
        budget.define(
                "vendor/account", List.of(new Limit.Rate("api", PERMITS, Duration.ofNanos(window), declared, burst)));
        for (int waiting = 0; waiting < 2 * PERMITS; waiting++) {
            ask(budget, vendor);
        }
        time.runUntil(5 * window);
        long before = vendor.accepted();
        time.runUntil(25 * window);
        assertThat(vendor.refused()).isZero();
        return (vendor.accepted() - before) / (20.0 * PERMITS);
    }

    private static void ask(Budget budget, SimulatedVendor vendor) {
        budget.enqueue(
                new PermitRequest(
                        "vendor/account",
                        "read",
                        List.of(LimitCost.on("api")),
                        new TeamShare("team", 1, 1_000_000),
                        Priority.BULK,
                        Duration.ofDays(1),
                        Optional.empty()),
                decision -> vendor.call((Decision.Granted) decision, accepted -> ask(budget, vendor)));
    }
}
