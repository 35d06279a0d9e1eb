package io.sluice.saas.customerio.delivery;

import io.sluice.delivery.ClaimedMessage;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.delivery.Destination;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/** The sender of messages to the Pipelines API, in batches. */
@Singleton
public class PipelinesSender extends BatchSender {
    PipelinesSender(Customerio customerio, VendorClient calls) {
        super(customerio.surface(PipelinesAsyncPolicy.DESTINATION), calls);
    }

    @Override
    public String destination() {
        return PipelinesAsyncPolicy.DESTINATION;
    }

    @Override
    public boolean isBatchable(String kind) {
        return true;
    }

    @Override
    List<DeliveryOutcome> send(
            VendorClient.CallerContext caller, Destination destination, List<ClaimedMessage> messages)
            throws InterruptedException {
        return batch(caller, "/v1/batch", Set.of(), messages);
    }
}
