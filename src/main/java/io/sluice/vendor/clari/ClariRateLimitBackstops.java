package io.sluice.vendor.clari;

import io.quarkus.arc.Unremovable;
import io.sluice.vendor.RateLimitBackstops;
import jakarta.inject.Singleton;
import java.util.List;

/** The rate limit backstops of Clari's interface. */
@Singleton
@Unremovable
class ClariRateLimitBackstops extends RateLimitBackstops {
    ClariRateLimitBackstops(ClariConfig config) {
        super(List.of(ClariApi.class), ClariSurface.OPERATIONS, () -> Clari.limits(config));
    }
}
