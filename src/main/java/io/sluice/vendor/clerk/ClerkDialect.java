package io.sluice.vendor.clerk;

import io.sluice.budget.Answer;
import io.sluice.budget.Answer.Reading;
import io.sluice.budget.Answer.Throttle;
import io.sluice.budget.Scope;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.vendor.LimitHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How Clerk speaks about its limits: 429 with {@code Retry-After} in whole seconds, which blocks "that specific
 * endpoint" (system limits page). Guides also tell of {@code X-RateLimit-*} with the reset as seconds to go, which
 * are read wherever they show up.
 */
final class ClerkDialect implements Dialect {
    /** Without a {@code Retry-After}: the documented window. */
    private static final Duration BACKOFF = Duration.ofSeconds(10);

    @Override
    public Answer read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        LimitHeaders said = new LimitHeaders(headers);
        return new Answer(readings(said), throttle(status, said.retryAfter()));
    }

    private static List<Reading> readings(LimitHeaders said) {
        OptionalLong permits = said.number("X-RateLimit-Limit");
        OptionalLong remaining = said.number("X-RateLimit-Remaining");
        Optional<Duration> resetIn = said.seconds("X-RateLimit-Reset");
        return permits.isEmpty() && remaining.isEmpty()
                ? List.of()
                : List.of(new Reading(ClerkLimits.PER_INSTANCE, permits, remaining, resetIn));
    }

    private static Optional<Throttle> throttle(int status, Optional<Duration> retryAfter) {
        boolean throttled = status == 429 || (status == 503 && retryAfter.isPresent());
        return throttled ? Optional.of(new Throttle(Scope.OPERATION, retryAfter, BACKOFF)) : Optional.empty();
    }
}
