package io.sluice.sandbox.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Limits.Use WIDE = new Limits.Use("wide", "");

    private final VirtualTime clock = new VirtualTime();
    private final Limits limits = new Limits(
            new SandboxClock(clock::read),
            List.of(
                    LimitSpec.of("wide", LimiterKind.SLIDING, 3, Duration.ofSeconds(1)),
                    LimitSpec.of("narrow", LimiterKind.FIXED, 1, Duration.ofSeconds(10))));

    @Test
    void a_call_takes_all_its_permits_or_none() {
        Limits.Use narrow = new Limits.Use("narrow", "a");
        assertThat(limits.take(List.of(WIDE, narrow))).isInstanceOf(Limits.Decision.Accepted.class);

        Limits.Decision refused = limits.take(List.of(WIDE, narrow));

        assertThat(refused).isInstanceOf(Limits.Decision.Rejected.class);
        assertThat(((Limits.Decision.Rejected) refused).limit()).isEqualTo("narrow");
        assertThat(limits.json().getJsonObject("wide").getMap())
                .containsEntry("accepted", 1L)
                .containsEntry("rejected", 0L);
        assertThat(limits.take(List.of(WIDE, new Limits.Use("narrow", "b"))))
                .isInstanceOf(Limits.Decision.Accepted.class);
    }

    @Test
    void the_fullest_window_is_the_most_that_any_window_held() {
        Random random = new Random(3);
        Limits fixed = new Limits(
                new SandboxClock(clock::read),
                List.of(LimitSpec.of("wide", LimiterKind.FIXED, 10, Duration.ofNanos(1000))));
        List<Long> accepted = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            clock.pass(Duration.ofNanos(random.nextInt(150)));
            if (fixed.take(List.of(WIDE)) instanceof Limits.Decision.Accepted) {
                accepted.add(clock.read());
            }
        }

        long fullest = accepted.stream()
                .mapToLong(end -> accepted.stream()
                        .filter(time -> time > end - 1000 && time <= end)
                        .count())
                .max()
                .orElseThrow();

        assertThat(fullest).isGreaterThan(10);
        assertThat(fixed.json().getJsonObject("wide").getLong("fullest_window")).isEqualTo(fullest);
    }

    @Test
    void the_scopes_of_a_limit_are_bounded() {
        for (int i = 0; i < 2 * Limits.MAX_SCOPES; i++) {
            limits.take(List.of(new Limits.Use("narrow", "user-" + i)));
        }

        assertThat(limits.json().getJsonObject("narrow").getInteger("scopes")).isEqualTo(Limits.MAX_SCOPES);
    }

    @Test
    void a_limit_that_does_not_exist_is_a_mistake() {
        assertThatThrownBy(() -> limits.take(List.of(new Limits.Use("other", ""))))
                .hasMessage("no limit named other, there are [wide, narrow]");
    }
}
