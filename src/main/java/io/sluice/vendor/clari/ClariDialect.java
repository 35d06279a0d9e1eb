package io.sluice.vendor.clari;

import io.sluice.budget.Answer;
import io.sluice.budget.Scope;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.vendor.LimitHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How Clari speaks about its limits: 429, at times with {@code Retry-After}, and no other header. */
final class ClariDialect implements Dialect {
    /** Without a {@code Retry-After}: what guides begin with. */
    private static final Duration BACKOFF = Duration.ofSeconds(5);

    @Override
    public Answer read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        return new Answer(
                List.of(), new LimitHeaders(headers).throttle(status, Scope.LIMITS, Optional.empty(), BACKOFF));
    }
}
