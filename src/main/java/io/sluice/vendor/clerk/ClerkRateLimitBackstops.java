package io.sluice.vendor.clerk;

import io.quarkus.arc.Unremovable;
import io.sluice.vendor.RateLimitBackstops;
import jakarta.inject.Singleton;
import java.util.List;

/** The rate limit backstops of Clerk's interface. */
@Singleton
@Unremovable
class ClerkRateLimitBackstops extends RateLimitBackstops {
    ClerkRateLimitBackstops(ClerkConfig config) {
        super(List.of(ClerkApi.class), Clerk.OPERATIONS, () -> Clerk.limits(config));
    }
}
