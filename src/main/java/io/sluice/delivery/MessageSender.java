package io.sluice.delivery;

import io.sluice.call.CallAbandonedException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Delivers messages to one destination of a vendor. A bean for each; thread-safe. */
public interface MessageSender {
    String vendor();

    /** The name of its destinations, one for each account. */
    String destination();

    /** Whether messages of that kind can go together. */
    boolean isBatchable(String kind);

    /** What a batch may weigh, as the payloads' UTF-8 bytes and {@link #overhead} for each. */
    int maxBatchBytes();

    /** How many bytes a message adds to a batch besides its payload. */
    int overhead();

    /**
     * Makes the calls that deliver these messages: one that goes alone, or a batch in which no ordering key occurs twice. Waits
     * for permits and for the vendor.
     *
     * @param team who pays
     * @param maxWait how long to wait for permits
     * @param leaseValid whether the messages are still the caller's to deliver; asked before each attempt
     * @return what became of each, in the same order
     * @throws CallAbandonedException if they no longer were: somebody else may deliver them, and what follows them
     */
    List<DeliveryOutcome> deliver(
            Destination destination,
            String team,
            Duration maxWait,
            BooleanSupplier leaseValid,
            List<ClaimedMessage> messages)
            throws InterruptedException;
}
