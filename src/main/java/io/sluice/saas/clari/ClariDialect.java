package io.sluice.saas.clari;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Scope;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.call.QuotaErrors;
import io.sluice.saas.LimitHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Clari's rate limit dialect: 429, at times with {@code Retry-After}, and no other header. */
final class ClariDialect implements Dialect {
    /** The one code for two causes: the quota of 30 days, and too many exports at once (OpenAPI 5.0.0). */
    private static final QuotaErrors QUOTAS = new QuotaErrors(Set.of(400), Set.of("export_monthly_quota_reached"));

    /** The wait after a 429 without {@code Retry-After}: the first one in guides. */
    private static final Duration BACKOFF = Duration.ofSeconds(5);

    @Override
    public LimitFeedback read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        return new LimitFeedback(List.of(), new LimitHeaders(headers).throttle(status, Scope.LIMITS, null, BACKOFF));
    }

    /** OpenAPI 5.0.0 has a 401 about the organization, which has not opted in to a kind of export. */
    @Override
    public boolean refusesCredential(int status, Supplier<String> beginning) {
        return status == 401 && !beginning.get().contains("\"no_optin\"");
    }

    @Override
    public QuotaErrors quotas() {
        return QUOTAS;
    }
}
