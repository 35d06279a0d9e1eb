package io.sluice.call;

import java.time.Duration;

/** The response headers that Sluice adds, with their values. */
public final class SluiceHeaders {
    /** The id of the request, which the logs name too. */
    public static final String REQUEST_ID = "Sluice-Request-Id";

    /** The outcome of a call where the status cannot express it. */
    public static final String OUTCOME = "Sluice-Outcome";

    /** An outcome: the call may have been executed. */
    public static final String UNKNOWN = "unknown";

    /** An outcome: the vendor's response was lost, and this one is what became of the call. */
    public static final String RESOLVED = "resolved";

    /**
     * An outcome: the vendor refuses the company's credential, so the call was not executed, through no fault of its
     * caller.
     */
    public static final String CREDENTIAL_REFUSED = "credential-refused";

    /** The number of requests that were sent to the vendor. */
    public static final String ATTEMPTS = "Sluice-Attempts";

    /** The id of the delivery that a call has become, also in responses that are otherwise the vendor's. */
    public static final String DELIVERY = "Sluice-Delivery";

    /** {@code true} in a response that was recorded for an earlier call. */
    public static final String REPLAYED = "Sluice-Replayed";

    private SluiceHeaders() {}

    /** Returns the seconds for {@code Retry-After}: whole ones, rounded up and never zero. */
    public static long retryAfterSeconds(Duration wait) {
        return Math.max(1, Math.ceilDiv(wait.toMillis(), 1000));
    }
}
