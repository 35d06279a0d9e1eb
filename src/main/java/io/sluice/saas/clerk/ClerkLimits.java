package io.sluice.saas.clerk;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.List;

/** Clerk's default limits, unless the configuration overrides them. */
final class ClerkLimits {
    static final String PER_INSTANCE = "instance";
    static final String USER_UPDATE = "user-update";
    static final String ORGANIZATION_UPDATE = "organization-update";
    static final String MEMBERSHIP_UPDATE = "membership-update";
    static final String INVITATIONS = "invitations";
    static final String INVITATIONS_BULK = "invitations-bulk";
    static final String ORGANIZATION_INVITATIONS = "organization-invitations";
    static final String ORGANIZATION_INVITATIONS_BULK = "organization-invitations-bulk";

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private ClerkLimits() {}

    /**
     * The limits of an instance, as Clerk's system limits page of 2026 gives them but for the plan's own number. Limits
     * that it gives as so many in 10 s, with {@code Retry-After}, permit bursts as long as that is safe.
     */
    static List<Limit> of(ClerkConfig.Account account) {
        return List.of(
                instance(account),
                Limit.Rate.window(USER_UPDATE, 10, TEN_SECONDS),
                Limit.Rate.window(ORGANIZATION_UPDATE, 10, TEN_SECONDS),
                Limit.Rate.window(MEMBERSHIP_UPDATE, 10, TEN_SECONDS),
                hourly(INVITATIONS, 100),
                hourly(INVITATIONS_BULK, 25),
                hourly(ORGANIZATION_INVITATIONS, 250),
                hourly(ORGANIZATION_INVITATIONS_BULK, 50));
    }

    private static Limit instance(ClerkConfig.Account account) {
        return switch (account.plan()) {
            case DOCUMENTED ->
                Limit.Rate.window(PER_INSTANCE, account.secretKey().startsWith("sk_live_") ? 1000 : 100, TEN_SECONDS);
            // Guides of 2025: 20 in 10 s with bursts of 40, and 100 in 10 s with bursts of 200.
            case FREE -> new Limit.Rate(PER_INSTANCE, 20, TEN_SECONDS, Limiter.BUCKET, 40);
            case PRO -> new Limit.Rate(PER_INSTANCE, 100, TEN_SECONDS, Limiter.BUCKET, 200);
        };
    }

    /** An hour's number as one burst: spread evenly, it would make callers wait for minutes. */
    private static Limit hourly(String name, int permits) {
        return new Limit.Rate(name, permits, Duration.ofHours(1), Limiter.FIXED, permits);
    }
}
