package io.sluice.saas.fathom;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Scope;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.saas.LimitHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;

/**
 * Fathom's rate limit dialect (API overview): {@code RateLimit-*} with the reset as seconds to go, and on a 429
 * {@code Retry-After} in seconds. Fathom does not document whether the headers speak of the account's limit or of the one of
 * heavy calls, so {@code RateLimit-Limit} decides.
 */
final class FathomDialect implements Dialect {
    /** The wait after a 429 without any header: the documented window. */
    private static final Duration BACKOFF = Duration.ofSeconds(60);

    @Override
    public LimitFeedback read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        LimitHeaders limitHeaders = new LimitHeaders(headers);
        Duration resetIn = limitHeaders.seconds("RateLimit-Reset").orElse(null);
        return new LimitFeedback(
                limitHeaders.readingsOfSomeLimit("RateLimit", resetIn),
                limitHeaders.throttle(
                        status, Scope.LIMITS, limitHeaders.usedUp("RateLimit") ? resetIn : null, BACKOFF));
    }
}
