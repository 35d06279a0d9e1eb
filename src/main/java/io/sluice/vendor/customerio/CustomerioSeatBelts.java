package io.sluice.vendor.customerio;

import io.sluice.budget.Limit;
import io.sluice.vendor.SeatBelts;
import java.util.List;
import java.util.Map;

/** Has the {@code @RateLimit}s of Customer.io's interfaces follow its configured accounts. */
public class CustomerioSeatBelts extends SeatBelts<CustomerioConfig> {
    public CustomerioSeatBelts() {
        super(
                CustomerioConfig.class,
                List.of(
                        CustomerioTrackApi.class,
                        CustomerioAppApi.class,
                        CustomerioPipelinesApi.class,
                        CustomerioFilesApi.class),
                Customerio.OPERATIONS);
    }

    @Override
    protected Map<String, List<Limit>> limits(CustomerioConfig config) {
        return Customerio.limits(config);
    }
}
