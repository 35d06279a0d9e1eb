package io.sluice.vendor.fathom;

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
 * How Fathom speaks about its limits (API overview): {@code RateLimit-*} with the reset as seconds to go, and on a 429
 * {@code Retry-After} in seconds. The headers tell of the narrowest limit that the call counts against.
 */
final class FathomDialect implements Dialect {
    /** Without any header: the documented window. */
    private static final Duration BACKOFF = Duration.ofSeconds(60);

    @Override
    public Answer read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        LimitHeaders said = new LimitHeaders(headers);
        OptionalLong permits = said.number("RateLimit-Limit");
        OptionalLong remaining = said.number("RateLimit-Remaining");
        Optional<Duration> resetIn = said.seconds("RateLimit-Reset");
        List<Reading> readings = permits.isEmpty() && remaining.isEmpty()
                ? List.of()
                : List.of(new Reading(narrowest(operation), permits, remaining, resetIn));
        Optional<Duration> retryAfter = said.retryAfter();
        boolean throttled = status == 429 || (status == 503 && retryAfter.isPresent());
        return new Answer(
                readings,
                throttled
                        ? Optional.of(new Throttle(
                                Scope.LIMITS, retryAfter.or(() -> resetIn.map(reset -> reset.plusSeconds(1))), BACKOFF))
                        : Optional.empty());
    }

    private static String narrowest(Operation operation) {
        return operation.uses().getLast().limit();
    }
}
