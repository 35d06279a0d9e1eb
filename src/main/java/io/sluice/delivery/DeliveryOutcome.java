package io.sluice.delivery;

import java.time.Duration;

/** The outcome of delivering a message. */
public sealed interface DeliveryOutcome {
    /** The vendor has accepted it. */
    record Delivered() implements DeliveryOutcome {}

    /** The vendor will never accept it as it is: it becomes a dead letter. */
    record Rejected(String reason) implements DeliveryOutcome {}

    /** The attempt failed, another may succeed: it is retried with backoff. */
    record Retry(String reason) implements DeliveryOutcome {}

    /**
     * Not a failure of the message: the vendor takes no calls at the moment.
     *
     * @param pause how long to pause the destination at least
     * @param backOff true if the pause is to double when the same outcome follows
     */
    record Throttled(Duration pause, boolean backOff, String reason) implements DeliveryOutcome {}
}
