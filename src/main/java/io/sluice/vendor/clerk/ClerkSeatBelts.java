package io.sluice.vendor.clerk;

import io.quarkus.arc.Unremovable;
import io.sluice.vendor.SeatBelts;
import jakarta.inject.Singleton;
import java.util.List;

/** Has the {@code @RateLimit}s of Clerk's interface follow its configured accounts. */
@Singleton
@Unremovable
class ClerkSeatBelts extends SeatBelts {
    ClerkSeatBelts(ClerkConfig config) {
        super(List.of(ClerkApi.class), Clerk.OPERATIONS, () -> Clerk.limits(config));
    }
}
