package io.sluice.delivery;

import io.sluice.call.failure.CallAbandonedException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The sender of messages to one destination of a vendor: makes the calls. A bean for each; thread-safe. */
public interface MessageSender {
    String vendor();

    /** The name of its destinations, one for each account. */
    String destination();

    /** True if messages of that kind can be sent in a batch. */
    boolean isBatchable(String kind);

    /** The limit of a batch in bytes, as the payloads' UTF-8 bytes and {@link #overhead} for each. */
    int maxBatchBytes();

    /** How many bytes a message adds to a batch besides its payload. */
    int overhead();

    /**
     * Makes the calls that deliver these messages: a single one, or a batch in which no ordering key occurs twice.
     * Waits for permits and for the vendor.
     *
     * @param team the team that pays
     * @param maxWait how long to wait for permits
     * @param leaseValid true while the messages are still the caller's to deliver; asked before each attempt
     * @return the outcome of each message, in the same order
     * @throws CallAbandonedException if they no longer were: another worker may deliver them, and later messages of
     *     their keys
     */
    List<DeliveryOutcome> deliver(
            Destination destination,
            String team,
            Duration maxWait,
            BooleanSupplier leaseValid,
            List<ClaimedMessage> messages)
            throws InterruptedException;
}
