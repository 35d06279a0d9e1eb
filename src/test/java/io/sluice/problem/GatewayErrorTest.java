package io.sluice.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Decision;
import io.sluice.call.Result;
import io.sluice.call.Result.Cause;
import io.sluice.call.SluiceHeaders;
import io.sluice.problem.GatewayError.Code;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What callers and logs are told of calls without a response. */
class GatewayErrorTest {
    @Test
    void a_shed_call_is_429_with_the_limit_that_holds_it_back() {
        Decision.Bottleneck limit = new Decision.Bottleneck("instance", 3);
        Result.Shed shed = new Result.Shed(Decision.Reason.DEADLINE, Duration.ofMillis(1_001), Optional.of(limit));

        GatewayError error = GatewayError.of(shed, "req_1");

        assertThat(error.status()).isEqualTo(429);
        assertThat(error.code()).isEqualTo(Code.TOO_MANY_REQUESTS);
        assertThat(error.retryAfterSeconds()).contains(2L);
        assertThat(error.bottleneck()).isEqualTo(limit);
        assertThat(error.message())
                .isEqualTo(
                        "Sluice: no permit is free within the call's maximal wait; limit instance: 3 calls are ahead,"
                                + " it would go in 2 s");
    }

    @Test
    void every_cause_of_a_missing_response_has_a_text_and_a_status() {
        List<String> errors = Arrays.stream(Cause.values())
                .map(cause -> new Result.Failed(cause, false, Optional.of(Duration.ZERO)))
                .map(failed -> GatewayError.of(failed, "req_1"))
                .map(error -> error.status() + " " + error.message() + " "
                        + error.retryAfterSeconds().orElse(0L))
                .toList();

        assertThat(errors)
                .containsExactlyInAnyOrder(
                        "502 Sluice: the vendor cannot be reached 0",
                        "502 Sluice: the connection to the vendor broke 0",
                        "504 Sluice: the vendor did not answer in time 0",
                        "504 Sluice: the whole call timed out 0",
                        "429 Sluice: the vendor fails too often, its circuit breaker is open for some seconds 1");
    }

    @Test
    void logs_name_the_cause_by_its_code() {
        assertThat(FailureText.brief(new Result.Failed(Cause.UNREACHABLE, false)))
                .isEqualTo("no response came: UNREACHABLE");
        assertThat(FailureText.brief(new Result.Shed(Decision.Reason.PAUSED, Duration.ZERO)))
                .isEqualTo("no permit in time: PAUSED");
    }

    @Test
    void retry_after_is_rounded_up_and_never_zero() {
        assertThat(List.of(0, 1, 999, 1_000, 1_001))
                .extracting(millis -> SluiceHeaders.retryAfterSeconds(Duration.ofMillis(millis)))
                .containsExactly(1L, 1L, 1L, 1L, 2L);
    }
}
