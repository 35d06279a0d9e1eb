package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitFeedbackTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void only_a_refusal_that_names_no_time_is_spread() {
        LimitFeedback silent = refusal(Optional.empty());
        LimitFeedback named = refusal(Optional.of(SECOND));

        assertThat(silent.withJitter(0.1).throttle().orElseThrow().backoff()).isEqualTo(Duration.ofMillis(1_100));
        assertThat(silent.withJitter(0)).isEqualTo(silent);
        assertThat(named.withJitter(0.1)).isEqualTo(named);
        assertThat(LimitFeedback.NONE.withJitter(0.1)).isEqualTo(LimitFeedback.NONE);
    }

    private static LimitFeedback refusal(Optional<Duration> retryAfter) {
        return new LimitFeedback(List.of(), Optional.of(new LimitFeedback.Throttle(Scope.ACCOUNT, retryAfter, SECOND)));
    }
}
