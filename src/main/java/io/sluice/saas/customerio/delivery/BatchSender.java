package io.sluice.saas.customerio.delivery;

import io.sluice.budget.Priority;
import io.sluice.delivery.ClaimedMessage;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.delivery.Destination;
import io.sluice.delivery.MessageSender;
import io.sluice.saas.Surface;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A sender of messages to one of Customer.io's APIs, in batches. */
abstract class BatchSender implements MessageSender {
    private final Surface surface;
    private final VendorClient calls;

    BatchSender(Surface surface, VendorClient calls) {
        this.surface = surface;
        this.calls = calls;
    }

    @Override
    public final String vendor() {
        return Customerio.NAME;
    }

    @Override
    public final int maxBatchBytes() {
        return SizeLimits.BATCH - BatchDelivery.FRAME;
    }

    @Override
    public final int overhead() {
        return 1;
    }

    @Override
    public final List<DeliveryOutcome> deliver(
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
        return send(caller, destination, messages);
    }

    /** Sends messages to an account that is configured; returns an outcome for each. Waits for permits and responses. */
    abstract List<DeliveryOutcome> send(
            VendorClient.CallerContext caller, Destination destination, List<ClaimedMessage> messages)
            throws InterruptedException;

    /**
     * Sends messages as one batch, or as several if the vendor refuses some.
     *
     * @param transientReasons the reasons for which the vendor refuses a message only for now
     */
    final List<DeliveryOutcome> batch(
            VendorClient.CallerContext caller,
            String target,
            Set<String> transientReasons,
            List<ClaimedMessage> messages)
            throws InterruptedException {
        return new BatchDelivery(
                        batch -> ResponseParser.parse(calls.make(caller, "POST", target, batch)), transientReasons)
                .deliver(messages.stream().map(ClaimedMessage::payload).toList());
    }
}
