package io.sluice.saas.clerk;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.Decision;
import io.sluice.call.Target;
import io.sluice.problem.GatewayError;
import io.sluice.saas.ErrorShape;

/** The shape of Clerk's errors: {@code {"errors":[{"code","message","long_message","meta"}],"clerk_trace_id"}}. */
final class ClerkErrors implements ErrorShape {
    /** The content type: Clerk's JavaScript SDK parses a body as JSON only if it is exactly this, without a charset. */
    static final String TYPE = "application/json";

    @Override
    public Body render(GatewayError gatewayError, Target target) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putArray("errors").addObject();
        error.put("code", code(gatewayError.code()));
        error.put("message", gatewayError.message());
        error.put("long_message", gatewayError.message());
        ObjectNode meta = error.putObject("meta");
        gatewayError.retryAfterSeconds().ifPresent(seconds -> meta.put("resets_in", seconds));
        Decision.Bottleneck bottleneck = gatewayError.bottleneck();
        if (bottleneck != null) {
            meta.put("limit", bottleneck.limit()).put("calls_ahead", bottleneck.ahead());
        }
        GatewayError.Refusal refusal = gatewayError.refusal();
        if (refusal != null) {
            meta.put("refused_by", refusal.tag());
        }
        body.put("clerk_trace_id", gatewayError.requestId());
        return new Body(TYPE, body.toString());
    }

    private static String code(GatewayError.Code code) {
        return switch (code) {
            case BAD_REQUEST -> "bad_request";
            case UNAUTHENTICATED -> "authentication_invalid";
            case FORBIDDEN -> "authorization_invalid";
            case NOT_FOUND -> "resource_not_found";
            case TOO_LARGE -> "request_body_too_large";
            case TOO_MANY_REQUESTS -> "too_many_requests";
            case VENDOR_FAILED -> "bad_gateway";
            case VENDOR_TIMEOUT -> "gateway_timeout";
            case INTERNAL -> "internal_clerk_error";
        };
    }
}
