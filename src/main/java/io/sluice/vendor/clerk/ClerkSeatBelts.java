package io.sluice.vendor.clerk;

import io.sluice.budget.Limit;
import io.sluice.vendor.SeatBelts;
import java.util.List;
import java.util.Map;

/** Has the {@code @RateLimit}s of Clerk's interface follow its configured accounts. */
public class ClerkSeatBelts extends SeatBelts<ClerkConfig> {
    public ClerkSeatBelts() {
        super(ClerkConfig.class, List.of(ClerkApi.class), Clerk.OPERATIONS);
    }

    @Override
    protected Map<String, List<Limit>> limits(ClerkConfig config) {
        return Clerk.limits(config);
    }
}
