package io.sluice.saas.clari;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.saas.ErrorShape;
import java.util.Locale;

/** The shape of Clari's common error: {@code {"code","namespace","errorId","message"}}. */
final class ClariErrors implements ErrorShape {
    @Override
    public Body render(GatewayError gatewayError, Target target) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("code", gatewayError.code().name().toLowerCase(Locale.ROOT));
        body.put("namespace", "sluice");
        body.put("errorId", gatewayError.requestId());
        body.put("message", gatewayError.message());
        return new Body("application/json", body.toString());
    }
}
