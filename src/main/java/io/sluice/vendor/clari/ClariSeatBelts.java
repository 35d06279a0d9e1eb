package io.sluice.vendor.clari;

import io.sluice.budget.Limit;
import io.sluice.vendor.SeatBelts;
import java.util.List;
import java.util.Map;

/** Has the {@code @RateLimit}s of Clari's interface follow its configured accounts. */
public class ClariSeatBelts extends SeatBelts<ClariConfig> {
    public ClariSeatBelts() {
        super(ClariConfig.class, List.of(ClariApi.class), Clari.OPERATIONS);
    }

    @Override
    protected Map<String, List<Limit>> limits(ClariConfig config) {
        return Clari.limits(config);
    }
}
