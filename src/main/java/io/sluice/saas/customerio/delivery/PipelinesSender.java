package io.sluice.saas.customerio.delivery;

import io.sluice.budget.Priority;
import io.sluice.delivery.ClaimedMessage;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.delivery.Destination;
import io.sluice.delivery.MessageSender;
import io.sluice.saas.Surface;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The sender of messages to the Pipelines API, in batches. */
@Singleton
public class PipelinesSender implements MessageSender {
    private final Surface surface;
    private final VendorClient calls;

    PipelinesSender(Customerio customerio, VendorClient calls) {
        this.surface = customerio.surface(PipelinesAsyncPolicy.DESTINATION);
        this.calls = calls;
    }

    @Override
    public String vendor() {
        return Customerio.NAME;
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
    public int maxBatchBytes() {
        return SizeLimits.BATCH - BatchDelivery.FRAME;
    }

    @Override
    public int overhead() {
        return 1;
    }

    @Override
    public List<DeliveryOutcome> deliver(
            Destination destination,
            String team,
            Duration maxWait,
            BooleanSupplier leaseValid,
            List<ClaimedMessage> messages)
            throws InterruptedException {
        if (surface.account(destination.account().account()).isEmpty()) {
            return Collections.nCopies(
                    messages.size(),
                    new DeliveryOutcome.Throttled(maxWait, false, "the account is no longer configured"));
        }
        VendorClient.CallerContext caller = new VendorClient.CallerContext(
                        team, surface, destination.account().account(), Priority.BULK, maxWait)
                .whileLeased(leaseValid);
        return new BatchDelivery(
                        batch -> ResponseParser.parse(calls.make(caller, "POST", "/v1/batch", batch)), Set.of())
                .deliver(messages.stream().map(ClaimedMessage::payload).toList());
    }
}
