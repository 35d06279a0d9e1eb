package io.sluice.sandbox.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimiterTest {
    private static final int HISTORIES = 300;
    private static final int CALLS = 300;

    @ParameterizedTest
    @EnumSource(LimiterKind.class)
    void every_kind_decides_like_a_naive_reference(LimiterKind kind) {
        for (long seed = 0; seed < HISTORIES; seed++) {
            Random random = new Random(seed);
            LimitSpec spec = randomSpec(kind, random);
            Limiter limiter = spec.limiterInstance();
            List<Long> accepted = new ArrayList<>();
            long now = Duration.ofDays(random.nextInt(20_000)).toNanos();
            for (int call = 0; call < CALLS; call++) {
                now += random.nextLong(spec.window().toNanos() / spec.permits() * 2);

                boolean passes = limiter.waitNanos(now) == 0;

                assertThat(passes)
                        .as("seed %d, call %d, %s", seed, call, spec)
                        .isEqualTo(reference(spec, now).test(accepted, now));
                if (passes) {
                    limiter.take(now);
                    accepted.add(now);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(LimiterKind.class)
    void a_call_passes_exactly_when_the_wait_is_over(LimiterKind kind) {
        for (long seed = 0; seed < HISTORIES; seed++) {
            Random random = new Random(seed);
            LimitSpec spec = randomSpec(kind, random);
            Limiter limiter = spec.limiterInstance();
            long now = Duration.ofDays(1).toNanos();
            for (int call = 0; call < CALLS; call++) {
                now += random.nextLong(spec.window().toNanos() / spec.permits());
                long wait = limiter.waitNanos(now);
                if (wait > 0) {
                    assertThat(limiter.waitNanos(now + wait - 1))
                            .as("seed %d, %s", seed, spec)
                            .isPositive();
                    now += wait;
                    assertThat(limiter.waitNanos(now))
                            .as("seed %d, %s", seed, spec)
                            .isZero();
                }
                limiter.take(now);
            }
        }
    }

    private static LimitSpec randomSpec(LimiterKind kind, Random random) {
        int permits = 1 + random.nextInt(12);
        Duration window = Duration.ofNanos(1 + permits + random.nextLong(1_000_000_000));
        return new LimitSpec(
                "any",
                kind,
                permits,
                window,
                1 + random.nextInt(20),
                Duration.ofNanos(random.nextLong(window.toNanos())));
    }

    /** Decides from the whole history, slowly and obviously. */
    private static BiPredicate<List<Long>, Long> reference(LimitSpec spec, long now) {
        long window = spec.window().toNanos();
        long start = now - Math.floorMod(now - spec.phase().toNanos(), window);
        return switch (spec.limiter()) {
            case FIXED -> (history, at) -> count(history, start, at) < spec.permits();
            case SLIDING -> (history, at) -> count(history, at - window + 1, at) < spec.permits();
            case COUNTER ->
                (history, at) -> {
                    BigInteger weighted = big(count(history, start - window, start - 1))
                            .multiply(big(start + window - at))
                            .add(big(count(history, start, at) + 1).multiply(big(window)));
                    return weighted.compareTo(big(spec.permits()).multiply(big(window))) <= 0;
                };
            case BUCKET ->
                (history, at) -> {
                    long perToken = window / spec.permits();
                    long owed = 0; // nanoseconds of refill that the bucket misses
                    long last = at;
                    for (long time : history) {
                        owed = Math.max(0, owed - (time - (history.getFirst() == time ? time : last))) + perToken;
                        last = time;
                    }
                    owed = history.isEmpty() ? 0 : Math.max(0, owed - (at - last));
                    return owed + perToken <= spec.burst() * perToken;
                };
        };
    }

    private static BigInteger big(long value) {
        return BigInteger.valueOf(value);
    }

    private static long count(List<Long> history, long from, long to) {
        return history.stream().filter(time -> time >= from && time <= to).count();
    }

    @Test
    void a_sliding_log_never_lets_more_than_its_permits_into_any_window() {
        Random random = new Random(7);
        SlidingLog log = new SlidingLog(10, 1000);
        Arrivals window = new Arrivals();
        for (long now = 0; now < 200_000; now += random.nextInt(60)) {
            if (log.waitNanos(now) == 0) {
                log.take(now);
                window.dropUpTo(now - 1000);
                window.add(now);
                assertThat(window.size()).isLessThanOrEqualTo(10);
            }
        }
    }

    @Test
    void readings_show_what_remains_and_when_it_resets() {
        FixedWindow fixed = new FixedWindow(5, 1000, 0);
        fixed.take(2200);
        fixed.take(2300);

        assertThat(fixed.reading(2400)).isEqualTo(new Limiter.Status(5, 3, 600));
        assertThat(fixed.reading(3000)).isEqualTo(new Limiter.Status(5, 5, 1000));

        SlidingLog log = new SlidingLog(5, 1000);
        log.take(2200);
        assertThat(log.reading(2400)).isEqualTo(new Limiter.Status(5, 4, 800));

        TokenBucket bucket = new TokenBucket(10, 1000, 4);
        bucket.take(0);
        bucket.take(0);
        assertThat(bucket.reading(50)).isEqualTo(new Limiter.Status(4, 2, 150));
    }

    @Test
    void numbers_that_cannot_be_right_are_refused() {
        assertThatThrownBy(() -> LimitSpec.of("instance", LimiterKind.FIXED, 0, Duration.ofSeconds(1)))
                .hasMessage("limit instance: permits must be at least 1: 0");
        assertThatThrownBy(() -> LimitSpec.of("instance", LimiterKind.FIXED, 1, Duration.ofSeconds(-1)))
                .hasMessageContaining("window must be positive");
        assertThatThrownBy(() -> LimitSpec.of("instance", LimiterKind.FIXED, 1_000_000, Duration.ofDays(31)))
                .hasMessageContaining("permits times window is too large");
    }
}
