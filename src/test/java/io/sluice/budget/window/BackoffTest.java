package io.sluice.budget.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Waits between tries, with randomness from outside. */
class BackoffTest {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration MAX = Duration.ofSeconds(32);

    @Test
    void each_further_failure_waits_longer_by_the_factor_up_to_the_bound() {
        Backoff backoff = new Backoff(FIRST, 2, MAX, 0, new SplittableRandom(1));

        assertThat(IntStream.rangeClosed(0, 6).mapToObj(backoff::after))
                .containsExactly(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(16),
                        MAX,
                        MAX);
    }

    @Test
    void any_number_of_failures_waits_for_the_bound() {
        Backoff backoff = new Backoff(FIRST, 1.5, Duration.ofDays(1), 0, new SplittableRandom(1));

        assertThat(backoff.after(1)).isEqualTo(Duration.ofMillis(1_500));
        assertThat(backoff.after(10_000)).isEqualTo(Duration.ofDays(1));
        assertThat(backoff.after(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void jitter_makes_a_wait_longer_or_shorter_by_its_part_at_most() {
        assertThat(jittered(0.0)).isEqualTo(Duration.ofMillis(900));
        assertThat(jittered(0.5)).isEqualTo(Duration.ofSeconds(1));
        assertThat(jittered(0.75)).isEqualTo(Duration.ofMillis(1_050));
    }

    private static Duration jittered(double random) {
        RandomGenerator fixed = new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public double nextDouble() {
                return random;
            }
        };
        return new Backoff(FIRST, 2, MAX, 0.1, fixed).after(0);
    }
}
