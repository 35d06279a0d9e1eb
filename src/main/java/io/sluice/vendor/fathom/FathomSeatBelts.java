package io.sluice.vendor.fathom;

import io.quarkus.arc.Unremovable;
import io.sluice.vendor.SeatBelts;
import jakarta.inject.Singleton;
import java.util.List;

/** Has the {@code @RateLimit}s of Fathom's interface follow its configured accounts. */
@Singleton
@Unremovable
class FathomSeatBelts extends SeatBelts {
    FathomSeatBelts(FathomConfig config) {
        super(List.of(FathomApi.class), Fathom.OPERATIONS, () -> Fathom.limits(config));
    }
}
