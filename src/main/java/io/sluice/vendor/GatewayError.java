package io.sluice.vendor;

import io.sluice.budget.Decision;
import java.time.Duration;
import java.util.Optional;

/**
 * An error response of Sluice's own, in place of the vendor's response.
 *
 * @param status the HTTP status
 * @param code the reason, for programs
 * @param message the reason, for people; never holds a secret
 * @param requestId the id under which the logs tell more
 * @param retryAfter when to try again, where that helps
 * @param bottleneck the limit that holds the call back, where one does; the message names it too
 */
public record GatewayError(
        int status,
        Code code,
        String message,
        String requestId,
        Optional<Duration> retryAfter,
        Optional<Decision.Bottleneck> bottleneck) {
    /** An error whose reason is no limit of ours. */
    public GatewayError(int status, Code code, String message, String requestId, Optional<Duration> retryAfter) {
        this(status, code, message, requestId, retryAfter, Optional.empty());
    }

    /** The reason for which Sluice answers itself. */
    public enum Code {
        BAD_REQUEST,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        TOO_LARGE,
        TOO_MANY_REQUESTS,
        VENDOR_FAILED,
        VENDOR_TIMEOUT,
        INTERNAL
    }

    /** The seconds for {@code Retry-After}: whole ones, rounded up and never zero. */
    public Optional<Long> retryAfterSeconds() {
        return retryAfter.map(wait -> Math.max(1, Math.ceilDiv(wait.toMillis(), 1000)));
    }
}
