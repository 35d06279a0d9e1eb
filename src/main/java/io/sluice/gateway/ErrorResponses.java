package io.sluice.gateway;

import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.saas.ErrorShape;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** The error responses of a mount, in the vendor's own form, so that the vendor's SDKs understand them. */
public final class ErrorResponses {
    private ErrorResponses() {}

    /** Returns an error with its status and message. */
    public static Response of(MountMatch mounted, int status, Code code, String message, String requestId) {
        return render(mounted, new GatewayError(status, code, message, requestId, null));
    }

    /** Returns the body of an error in the form of the mount's vendor. */
    static ErrorShape.Body body(MountMatch mounted, GatewayError error) {
        return mounted.surface().errors().render(error, mounted.target());
    }

    /** Renders an error in the form of the mount's vendor. */
    static Response render(MountMatch mounted, GatewayError error) {
        ErrorShape.Body body = body(mounted, error);
        Response.ResponseBuilder response = Response.status(error.status())
                .header(HttpHeaders.CONTENT_TYPE, body.contentType())
                .entity(body.text());
        error.retryAfterSeconds().ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        return response.build();
    }
}
