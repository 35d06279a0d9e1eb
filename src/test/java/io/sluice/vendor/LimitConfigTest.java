package io.sluice.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.InvalidConfigException;
import io.sluice.budget.Limit;
import io.sluice.budget.Limiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LimitConfigTest {
    private record Changes(OptionalInt permits, Optional<Duration> window, Optional<Limiter> limiter, OptionalInt burst)
            implements LimitConfig {}

    private static final Changes NONE =
            new Changes(OptionalInt.empty(), Optional.empty(), Optional.empty(), OptionalInt.empty());
    private static final Limit API = Limit.Rate.of("api", 5, Duration.ofSeconds(1));
    private static final Limit JOBS = new Limit.InFlight("jobs", 1);

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
                .containsExactly(new Limit.InFlight("jobs", 3));
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

    private static void assertRefused(Map<String, LimitConfig> configured, String key) {
        assertThatThrownBy(() -> LimitConfig.apply("k", List.of(API, JOBS), configured))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(key + ": ");
    }

    private static Changes permits(int permits) {
        return new Changes(OptionalInt.of(permits), Optional.empty(), Optional.empty(), OptionalInt.empty());
    }
}
