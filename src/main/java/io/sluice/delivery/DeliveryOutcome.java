package io.sluice.delivery;

import java.time.Duration;

/** The outcome of delivering a message. */
public sealed interface DeliveryOutcome {
    /** The vendor has it. */
    record Delivered() implements DeliveryOutcome {}

    /** It will never be delivered as it is. */
    record Rejected(String reason) implements DeliveryOutcome {}

    /** The vendor had trouble with it, which may pass: it is tried again, ever less often. */
    record Retry(String reason) implements DeliveryOutcome {}

    /**
     * Nothing was tried, since the vendor takes nothing at the moment.
     *
     * @param pause how long to leave the destination alone at least
     * @param backOff whether to leave it alone ever longer, if that is what it says again next time
     */
    record Throttled(Duration pause, boolean backOff, String reason) implements DeliveryOutcome {}
}
