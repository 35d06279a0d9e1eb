package io.sluice.vendor.fathom;

import io.quarkus.arc.Unremovable;
import io.sluice.vendor.RateLimitBackstops;
import jakarta.inject.Singleton;
import java.util.List;

/** The rate limit backstops of Fathom's interface. */
@Singleton
@Unremovable
class FathomRateLimitBackstops extends RateLimitBackstops {
    FathomRateLimitBackstops(FathomConfig config) {
        super(List.of(FathomApi.class), Fathom.OPERATIONS, () -> Fathom.limits(config));
    }
}
