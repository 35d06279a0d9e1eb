package io.sluice.saas.clerk;

import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Scope;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.call.QuotaErrors;
import io.sluice.saas.LimitHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Clerk's rate limit dialect: 429 with {@code Retry-After} in whole seconds, which blocks "that specific endpoint"
 * (system limits page). Guides also mention {@code X-RateLimit-*} with the reset as seconds to go, which are read if
 * present.
 */
final class ClerkDialect implements Dialect {
    /** Errors that waiting does not cure (Clerk's list of error codes). */
    private static final QuotaErrors QUOTAS = new QuotaErrors(
            Set.of(402, 403),
            Set.of(
                    "quota_exceeded",
                    "user_quota_exceeded",
                    "organization_quota_exceeded",
                    "organization_membership_quota_exceeded",
                    "unsupported_subscription_plan_features",
                    "insufficient_seats"));

    /** The wait after a 429 without {@code Retry-After}: the documented window. */
    private static final Duration BACKOFF = Duration.ofSeconds(10);

    @Override
    public LimitFeedback read(Operation operation, int status, MultivaluedMap<String, Object> headers) {
        LimitHeaders limitHeaders = new LimitHeaders(headers);
        return new LimitFeedback(
                limitHeaders.readings(
                        ClerkLimits.PER_INSTANCE,
                        "X-RateLimit",
                        limitHeaders.seconds("X-RateLimit-Reset").orElse(null)),
                limitHeaders.throttle(status, Scope.OPERATION, null, BACKOFF));
    }

    /** Clerk's list of errors (2026). Other 401s are about tokens that a call asks Clerk to verify. */
    @Override
    public boolean refusesCredential(int status, Supplier<String> beginning) {
        if (status != 401) {
            return false;
        }
        String body = beginning.get();
        return body.contains("\"clerk_key_invalid\"") || body.contains("\"authentication_invalid\"");
    }

    @Override
    public QuotaErrors quotas() {
        return QUOTAS;
    }
}
