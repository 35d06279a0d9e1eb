package io.sluice.vendor.fathom;

import io.sluice.budget.Limit;
import io.sluice.vendor.SeatBelts;
import java.util.List;
import java.util.Map;

/** Has the {@code @RateLimit}s of Fathom's interface follow its configured accounts. */
public class FathomSeatBelts extends SeatBelts<FathomConfig> {
    public FathomSeatBelts() {
        super(FathomConfig.class, List.of(FathomApi.class), Fathom.OPERATIONS);
    }

    @Override
    protected Map<String, List<Limit>> limits(FathomConfig config) {
        return Fathom.limits(config);
    }
}
