package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.InvalidConfigException;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LimitConfigTest {
    private record Changes(
            OptionalInt permits,
            Optional<Duration> window,
            Optional<Limiter> limiter,
            OptionalInt burst,
            Optional<Duration> tick)
            implements LimitConfig {
        Changes(OptionalInt permits, Optional<Duration> window, Optional<Limiter> limiter, OptionalInt burst) {
            this(permits, window, limiter, burst, Optional.empty());
        }
    }

    private static final Changes NONE =
            new Changes(OptionalInt.empty(), Optional.empty(), Optional.empty(), OptionalInt.empty());
    private static final Limit API = Limit.Rate.of("api", 5, Duration.ofSeconds(1));
    private static final Limit JOBS = new Limit.Concurrency("jobs", 1);

    @Test
    void what_is_left_out_stays_as_documented() {
        assertThat(LimitConfig.apply("k", List.of(API, JOBS), Map.of("api", NONE, "jobs", NONE)))
                .containsExactly(API, JOBS);
    }

    @Test
    void what_is_named_changes() {
        Changes all = new Changes(
                OptionalInt.of(100),
                Optional.of(Duration.ofSeconds(10)),
                Optional.of(Limiter.BUCKET),
                OptionalInt.of(200));

        assertThat(LimitConfig.apply("k", List.of(API), Map.of("api", all)))
                .containsExactly(new Limit.Rate("api", 100, Duration.ofSeconds(10), Limiter.BUCKET, 200));
        assertThat(LimitConfig.apply("k", List.of(JOBS), Map.of("jobs", permits(3))))
                .containsExactly(new Limit.Concurrency("jobs", 3));
    }

    @Test
    void what_cannot_be_right_is_refused_by_its_key() {
        Changes negative = new Changes(
                OptionalInt.empty(), Optional.of(Duration.ofSeconds(-1)), Optional.empty(), OptionalInt.empty());
        Changes burst = new Changes(OptionalInt.empty(), Optional.empty(), Optional.empty(), OptionalInt.of(2));

        assertRefused(Map.of("api", permits(0)), "k.api.permits");
        assertRefused(Map.of("api", permits(-1)), "k.api.permits");
        assertRefused(Map.of("jobs", permits(0)), "k.jobs.permits");
        assertRefused(Map.of("api", negative), "k.api.window");
        assertRefused(Map.of("api", burst), "k.api.burst");
        assertRefused(Map.of("jobs", burst), "k.jobs");
        assertRefused(Map.of("apis", permits(1)), "k.apis");
    }

    @Test
    void a_burst_goes_with_every_kind_but_unknown_which_says_what_to_say_instead() {
        Changes alone = new Changes(OptionalInt.empty(), Optional.empty(), Optional.empty(), OptionalInt.of(2));
        Changes named =
                new Changes(OptionalInt.empty(), Optional.empty(), Optional.of(Limiter.UNKNOWN), OptionalInt.of(1));

        for (Changes unknown : List.of(alone, named)) {
            assertThatThrownBy(() -> LimitConfig.apply("k", List.of(API), Map.of("api", unknown)))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageStartingWith("k.api.burst: ")
                    .hasMessageContaining("say `window`");
        }
        for (Limiter limiter : Limiter.values()) {
            if (limiter != Limiter.UNKNOWN) {
                Changes known =
                        new Changes(OptionalInt.empty(), Optional.empty(), Optional.of(limiter), OptionalInt.of(2));
                assertThat(LimitConfig.apply("k", List.of(API), Map.of("api", known)))
                        .containsExactly(new Limit.Rate("api", 5, Duration.ofSeconds(1), limiter, 2));
            }
        }
    }

    @Test
    void a_window_takes_no_more_at_once_than_it_has_and_a_bucket_may() {
        Changes window =
                new Changes(OptionalInt.empty(), Optional.empty(), Optional.of(Limiter.WINDOW), OptionalInt.of(6));
        Changes bucket =
                new Changes(OptionalInt.empty(), Optional.empty(), Optional.of(Limiter.BUCKET), OptionalInt.of(6));

        assertRefused(Map.of("api", window), "k.api");
        assertThat(LimitConfig.apply("k", List.of(API), Map.of("api", bucket))).hasSize(1);
    }

    @Test
    void a_tick_lies_within_the_window() {
        assertThat(LimitConfig.apply("k", List.of(API), Map.of("api", ticking(Duration.ofMillis(100)))))
                .containsExactly(Limit.Rate.of("api", 5, Duration.ofSeconds(1)).ticking(Duration.ofMillis(100)));
        assertRefused(Map.of("api", ticking(Duration.ofSeconds(2))), "k.api");
        assertRefused(Map.of("api", ticking(Duration.ZERO)), "k.api");
        assertRefused(Map.of("jobs", ticking(Duration.ofMillis(1))), "k.jobs");
    }

    private static Changes ticking(Duration tick) {
        return new Changes(
                OptionalInt.empty(), Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.of(tick));
    }

    private static void assertRefused(Map<String, LimitConfig> configured, String key) {
        assertThatThrownBy(() -> LimitConfig.apply("k", List.of(API, JOBS), configured))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(key + ": ");
    }

    private static Changes permits(int permits) {
        return new Changes(OptionalInt.of(permits), Optional.empty(), Optional.empty(), OptionalInt.empty());
    }
}
