package io.sluice.saas.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.saas.ErrorShape;
import org.junit.jupiter.api.Test;

class FathomErrorsTest {
    @Test
    void tell_people_what_is_wrong_and_quote_what_is_hostile() {
        GatewayError refusal = new GatewayError(504, Code.VENDOR_TIMEOUT, "a \"b\"\\ \r\n{}", "req_1", null);

        ErrorShape.Body body = new FathomErrors().render(refusal, Target.parse("/external/v1/meetings"));

        assertThat(body.contentType()).isEqualTo("application/json");
        assertThat(body.text()).isEqualTo("{\"message\":\"a \\\"b\\\"\\\\ \\r\\n{}\",\"request_id\":\"req_1\"}");
    }
}
