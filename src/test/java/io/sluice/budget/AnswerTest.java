package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void only_a_refusal_that_names_no_time_is_spread() {
        Answer silent = refusal(Optional.empty());
        Answer named = refusal(Optional.of(SECOND));

        assertThat(silent.spread(0.1).throttle().orElseThrow().backoff()).isEqualTo(Duration.ofMillis(1_100));
        assertThat(silent.spread(0)).isEqualTo(silent);
        assertThat(named.spread(0.1)).isEqualTo(named);
        assertThat(Answer.SILENT.spread(0.1)).isEqualTo(Answer.SILENT);
    }

    private static Answer refusal(Optional<Duration> retryAfter) {
        return new Answer(List.of(), Optional.of(new Answer.Throttle(Scope.ACCOUNT, retryAfter, SECOND)));
    }
}
