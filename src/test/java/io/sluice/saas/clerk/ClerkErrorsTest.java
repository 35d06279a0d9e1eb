package io.sluice.saas.clerk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.saas.ErrorShape;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClerkErrorsTest {
    private static final Target TARGET = Target.parse("/v1/users");

    @Test
    void have_clerks_form_with_the_seconds_to_wait_and_quote_what_is_hostile() {
        GatewayError refusal =
                new GatewayError(429, Code.TOO_MANY_REQUESTS, "\"}]\\ \n", "req_1", Duration.ofMillis(1_001));

        ErrorShape.Body body = new ClerkErrors().render(refusal, TARGET);

        assertThat(body.contentType()).isEqualTo("application/json");
        assertThat(body.text())
                .isEqualTo("{\"errors\":[{\"code\":\"too_many_requests\",\"message\":\"\\\"}]\\\\ \\n\","
                        + "\"long_message\":\"\\\"}]\\\\ \\n\",\"meta\":{\"resets_in\":2}}],"
                        + "\"clerk_trace_id\":\"req_1\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "BAD_REQUEST,bad_request",
        "UNAUTHENTICATED,authentication_invalid",
        "FORBIDDEN,authorization_invalid",
        "TOO_LARGE,request_body_too_large",
        "TOO_MANY_REQUESTS,too_many_requests",
        "VENDOR_FAILED,bad_gateway",
        "VENDOR_TIMEOUT,gateway_timeout",
        "INTERNAL,internal_clerk_error"
    })
    void use_clerks_codes_and_an_empty_meta_where_waiting_does_not_help(Code code, String word) {
        GatewayError refusal = new GatewayError(400, code, "no", "req_1", null);

        assertThat(new ClerkErrors().render(refusal, TARGET).text())
                .isEqualTo("{\"errors\":[{\"code\":\"" + word
                        + "\",\"message\":\"no\",\"long_message\":\"no\",\"meta\":{}}],\"clerk_trace_id\":\"req_1\"}");
    }
}
