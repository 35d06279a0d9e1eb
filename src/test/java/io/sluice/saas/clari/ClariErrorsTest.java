package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.saas.ErrorShape;
import org.junit.jupiter.api.Test;

class ClariErrorsTest {
    @Test
    void have_claris_four_fields_and_quote_what_is_hostile() {
        GatewayError refusal =
                new GatewayError(429, Code.TOO_MANY_REQUESTS, "\"},{\\ \n\u0001</script>", "req_1", null);

        ErrorShape.Body body = new ClariErrors().render(refusal, Target.parse("/v4/x"));

        assertThat(body.contentType()).isEqualTo("application/json");
        assertThat(body.text())
                .isEqualTo("{\"code\":\"too_many_requests\",\"namespace\":\"sluice\",\"errorId\":\"req_1\","
                        + "\"message\":\"\\\"},{\\\\ \\n\\u0001</script>\"}");
    }
}
