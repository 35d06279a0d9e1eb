package io.sluice.gateway;

import io.sluice.call.Call;
import io.sluice.call.Result;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.vendor.ErrorShape;
import io.sluice.vendor.GatewayError;
import io.sluice.vendor.GatewayError.Code;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;

/** The error responses of a mount, in the vendor's own form, so that the vendor's SDKs understand them. */
public final class ErrorResponses {
    /** The reason of a refusal by an open circuit breaker, in words. */
    public static final String CIRCUIT_OPEN =
            "the vendor fails too often, its circuit breaker is open for some seconds";

    private ErrorResponses() {}

    /** Returns an error with its status and message. */
    public static Response of(MountMatch mounted, int status, Code code, String message, String requestId) {
        return render(mounted, new GatewayError(status, code, message, requestId, Optional.empty()));
    }

    /**
     * Returns the response to a shed call: 429, never 503, since SDKs repeat requests that get 5xx for up to an hour.
     */
    static Response shed(MountMatch mounted, Result.Shed shed, String requestId) {
        return render(
                mounted,
                new GatewayError(
                        429,
                        Code.TOO_MANY_REQUESTS,
                        "Sluice: " + why(shed),
                        requestId,
                        Optional.of(shed.retryAfter()),
                        shed.bottleneck(),
                        GatewayError.Refusal.of(shed)));
    }

    /** Explains why a call was shed: the limit, how many calls are ahead of it, and when it would go. */
    public static String why(Result.Shed shed) {
        String why = switch (shed.reason()) {
            case DEADLINE -> "no permit is free within the call's maximal wait";
            case QUEUE_FULL -> "too many calls of this team are waiting";
            case SHED -> "a more urgent call of this team took its place";
            case PAUSED -> "the account is paused";
            case UNSAVED -> "the permits cannot be saved at present, and a crash would lose their count";
            case DRAINING -> "this instance is about to stop";
        };
        return shed.bottleneck()
                .map(limit -> why + "; limit " + limit.limit() + ": " + calls(limit.ahead()) + " ahead, it would go in "
                        + seconds(shed.retryAfter()) + " s")
                .orElse(why);
    }

    private static String calls(long ahead) {
        return ahead == 1 ? "1 call is" : ahead + " calls are";
    }

    private static long seconds(Duration wait) {
        return Math.max(1, Math.ceilDiv(wait.toMillis(), 1000));
    }

    /** Returns the response to a call that failed without a response of the vendor. */
    static Response failed(MountMatch mounted, Result.Failed failed, Call call, String requestId) {
        return switch (failed.cause()) {
            case UNREACHABLE -> of(mounted, 502, Code.VENDOR_FAILED, "Sluice: the vendor cannot be reached", requestId);
            case CONNECTION_LOST ->
                of(mounted, 502, Code.VENDOR_FAILED, "Sluice: the connection to the vendor broke", requestId);
            // Nothing was sent, so the caller may repeat it soon, and SDKs must not repeat it for an hour, as they do
            // after 5xx.
            case CIRCUIT_OPEN ->
                render(
                        mounted,
                        new GatewayError(
                                429,
                                Code.TOO_MANY_REQUESTS,
                                "Sluice: " + CIRCUIT_OPEN + " (operation "
                                        + call.operation().name() + " of "
                                        + call.account().budget() + ")",
                                requestId,
                                failed.retryAfter(),
                                Optional.empty(),
                                Optional.of(GatewayError.Refusal.CIRCUIT_BREAKER)));
            case TIMEOUT ->
                of(
                        mounted,
                        504,
                        Code.VENDOR_TIMEOUT,
                        "Sluice: the vendor did not answer in time" + effort(call),
                        requestId);
            case CALL_TIMEOUT ->
                of(mounted, 504, Code.VENDOR_TIMEOUT, "Sluice: the whole call timed out" + effort(call), requestId);
        };
    }

    private static String effort(Call call) {
        int attempts = call.attempts();
        return ": " + attempts + (attempts == 1 ? " attempt" : " attempts") + " in "
                + call.sending().toMillis() + " ms, " + call.queued().toMillis() + " ms in the queue";
    }

    /** Renders an error in the form of the mount's vendor. */
    static Response render(MountMatch mounted, GatewayError gatewayError) {
        ErrorShape.Body body = mounted.surface().errors().render(gatewayError, mounted.target());
        Response.ResponseBuilder response = Response.status(gatewayError.status())
                .header(HttpHeaders.CONTENT_TYPE, body.contentType())
                .entity(body.text());
        gatewayError.retryAfterSeconds().ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        return response.build();
    }
}
