package io.sluice.vendor;

import io.sluice.budget.Decision;
import java.time.Duration;
import java.util.Optional;

/**
 * An answer of ours in the place of the vendor's.
 *
 * @param status the HTTP status
 * @param code what is wrong, for programs
 * @param message what is wrong, for people; never holds a secret
 * @param requestId under which the logs tell more
 * @param retryAfter when to ask again, where that helps
 * @param bottleneck the limit that holds the call back, where one does; the message names it too
 */
public record GatewayError(
        int status,
        Code code,
        String message,
        String requestId,
        Optional<Duration> retryAfter,
        Optional<Decision.Bottleneck> bottleneck) {
    /** A refusal that no limit of ours is the reason of. */
    public GatewayError(int status, Code code, String message, String requestId, Optional<Duration> retryAfter) {
        this(status, code, message, requestId, retryAfter, Optional.empty());
    }

    /** Why Sluice answers itself. */
    public enum Code {
        BAD_REQUEST,
        UNAUTHENTICATED,
        FORBIDDEN,
        TOO_LARGE,
        TOO_MANY_REQUESTS,
        VENDOR_FAILED,
        VENDOR_TIMEOUT,
        INTERNAL
    }

    /** The seconds for {@code Retry-After}: whole ones, never too few and never zero. */
    public Optional<Long> retryAfterSeconds() {
        return retryAfter.map(wait -> Math.max(1, Math.ceilDiv(wait.toMillis(), 1000)));
    }
}
