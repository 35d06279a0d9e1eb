package io.sluice.saas.customerio;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.saas.ErrorShape;
import java.util.Locale;

/** The shapes of Customer.io's errors, which differ by API and even by path. */
enum CustomerioErrors implements ErrorShape {
    /** {@code {"meta":{"errors":["..."]}}}, and {@code {"errors":[{"reason","message"}]}} for version 2. */
    TRACK {
        @Override
        String body(GatewayError gatewayError, Target target) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            if (target.path().startsWith("/api/v2/")) {
                body.putArray("errors")
                        .addObject()
                        .put("reason", gatewayError.code().name().toLowerCase(Locale.ROOT))
                        .put("message", gatewayError.message());
            } else {
                body.putObject("meta").putArray("errors").add(gatewayError.message());
            }
            return body.toString();
        }
    },

    /** {@code {"errors":[{"detail","status"}]}}, and {@code {"meta":{"error"}}} for messages. */
    APP {
        @Override
        String body(GatewayError gatewayError, Target target) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            if (target.path().startsWith("/v1/send/")) {
                body.putObject("meta").put("error", gatewayError.message());
            } else {
                body.putArray("errors")
                        .addObject()
                        .put("detail", gatewayError.message())
                        .put("status", Integer.toString(gatewayError.status()));
            }
            return body.toString();
        }
    },

    /** Not documented; the Track API's form. */
    PIPELINES {
        @Override
        String body(GatewayError gatewayError, Target target) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            body.putObject("meta").putArray("errors").add(gatewayError.message());
            return body.toString();
        }
    };

    @Override
    public Body render(GatewayError gatewayError, Target target) {
        return new Body("application/json", body(gatewayError, target));
    }

    abstract String body(GatewayError gatewayError, Target target);
}
