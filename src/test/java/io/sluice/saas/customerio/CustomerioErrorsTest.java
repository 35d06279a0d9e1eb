package io.sluice.saas.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomerioErrorsTest {
    private static final GatewayError REFUSAL =
            new GatewayError(429, Code.TOO_MANY_REQUESTS, "say \"no\"", "req_1", Duration.ofMillis(1500));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0000',
            value = {
                "TRACK|/api/v1/customers/1|{\"meta\":{\"errors\":[\"say \\\"no\\\"\"]}}",
                "TRACK|/api/v2/batch|{\"errors\":[{\"reason\":\"too_many_requests\",\"message\":\"say \\\"no\\\"\"}]}",
                "APP|/v1/customers|{\"errors\":[{\"detail\":\"say \\\"no\\\"\",\"status\":\"429\"}]}",
                "APP|/v1/send/email|{\"meta\":{\"error\":\"say \\\"no\\\"\"}}",
                "PIPELINES|/v1/track|{\"meta\":{\"errors\":[\"say \\\"no\\\"\"]}}"
            })
    void differ_by_api_and_path(CustomerioErrors errors, String path, String body) {
        assertThat(errors.render(REFUSAL, Target.parse(path)).text()).isEqualTo(body);
        assertThat(errors.render(REFUSAL, Target.parse(path)).contentType()).isEqualTo("application/json");
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "1000,1", "1001,2", "1500,2"})
    void seconds_are_whole_and_never_too_few(long millis, long seconds) {
        GatewayError refusal = new GatewayError(429, Code.TOO_MANY_REQUESTS, "no", "req_1", Duration.ofMillis(millis));

        assertThat(refusal.retryAfterSeconds()).contains(seconds);
    }
}
