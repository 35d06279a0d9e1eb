package io.sluice.vendor.customerio;

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
 * How Customer.io speaks about its limits: as a rule not at all, a 429 without any header. Guides tell of
 * {@code X-RateLimit-*} with the reset as an epoch, and of {@code Retry-After}, which are read where they show up.
 */
final class CustomerioDialect implements Dialect {
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final Duration BROADCAST_BACKOFF = Duration.ofSeconds(10);

    @Override
    public Answer read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        LimitHeaders said = new LimitHeaders(headers);
        OptionalLong permits = said.number("X-RateLimit-Limit");
        OptionalLong remaining = said.number("X-RateLimit-Remaining");
        Optional<Duration> resetIn = said.epoch("X-RateLimit-Reset");
        String limit = operation.uses().getFirst().limit();
        List<Reading> readings = permits.isEmpty() && remaining.isEmpty()
                ? List.of()
                : List.of(new Reading(limit, permits, remaining, resetIn));
        Optional<Duration> retryAfter = said.retryAfter();
        boolean throttled = status == 429 || (status == 503 && retryAfter.isPresent());
        Duration backoff = limit.equals(CustomerioLimits.BROADCAST) ? BROADCAST_BACKOFF : BACKOFF;
        return new Answer(
                readings,
                throttled
                        ? Optional.of(new Throttle(
                                Scope.LIMITS, retryAfter.or(() -> resetIn.map(reset -> reset.plusSeconds(1))), backoff))
                        : Optional.empty());
    }
}
