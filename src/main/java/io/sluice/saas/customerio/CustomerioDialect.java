package io.sluice.saas.customerio;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Scope;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.saas.LimitHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;

/**
 * Customer.io's rate limit dialect: as a rule a 429 without any header. Guides mention {@code X-RateLimit-*} with the
 * reset as an epoch, and {@code Retry-After}, which are read if present.
 */
final class CustomerioDialect implements Dialect {
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final Duration BROADCAST_BACKOFF = Duration.ofSeconds(10);

    @Override
    public LimitFeedback read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        LimitHeaders limitHeaders = new LimitHeaders(headers);
        String limit = operation.uses().getFirst().limit();
        boolean broadcast = limit.equals(CustomerioLimits.BROADCAST);
        Duration resetIn = limitHeaders.epoch("X-RateLimit-Reset").orElse(null);
        return new LimitFeedback(
                limitHeaders.readingsWithEpoch(limit, "X-RateLimit", resetIn),
                limitHeaders.throttle(
                        status,
                        Scope.LIMITS,
                        // Read within 2 s either way, an epoch says nothing about windows as short as all the others.
                        broadcast && limitHeaders.usedUp("X-RateLimit") ? resetIn : null,
                        broadcast ? BROADCAST_BACKOFF : BACKOFF));
    }
}
