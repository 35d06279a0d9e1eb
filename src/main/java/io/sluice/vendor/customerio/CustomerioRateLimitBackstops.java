package io.sluice.vendor.customerio;

import io.quarkus.arc.Unremovable;
import io.sluice.vendor.RateLimitBackstops;
import jakarta.inject.Singleton;
import java.util.List;

/** The rate limit backstops of Customer.io's interfaces. */
@Singleton
@Unremovable
class CustomerioRateLimitBackstops extends RateLimitBackstops {
    CustomerioRateLimitBackstops(CustomerioConfig config) {
        super(
                List.of(
                        CustomerioTrackApi.class,
                        CustomerioAppApi.class,
                        CustomerioPipelinesApi.class,
                        CustomerioFilesApi.class),
                Customerio.OPERATIONS,
                () -> Customerio.limits(config));
    }
}
