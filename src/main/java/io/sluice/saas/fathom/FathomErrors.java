package io.sluice.saas.fathom;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.saas.ErrorShape;

/**
 * The shape of Fathom's errors, which it declares without any body, so that its SDKs read none: a message for people is
 * enough.
 */
final class FathomErrors implements ErrorShape {
    @Override
    public Body render(GatewayError gatewayError, Target target) {
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("message", gatewayError.message())
                .put("request_id", gatewayError.requestId())
                .toString();
        return new Body("application/json", body);
    }
}
