package io.sluice.call;

import io.sluice.budget.Decision;
import java.time.Duration;
import java.util.Optional;

/** The result of a call. */
public sealed interface Result {
    /** Returns true if the vendor may have executed the call although no response confirms it. */
    boolean unknown();

    /**
     * The vendor responded, be it with an error.
     *
     * @param unknown whether the vendor may have executed the call although the response does not say so
     */
    record Answered(VendorResponse answer, boolean unknown) implements Result {}

    /**
     * The call was not sent: no permit was free within the caller's maximal wait.
     *
     * @param bottleneck the limit that held the call back, if one did
     */
    record Shed(Decision.Reason reason, Duration retryAfter, Optional<Decision.Bottleneck> bottleneck)
            implements Result {
        /** A shed call that no limit of ours held back. */
        public Shed(Decision.Reason reason, Duration retryAfter) {
            this(reason, retryAfter, Optional.empty());
        }

        /** Returns the result for a denied permit. */
        public static Shed of(Decision.Denied denied) {
            return new Shed(denied.reason(), denied.retryAfter(), denied.bottleneck());
        }

        @Override
        public boolean unknown() {
            return false;
        }
    }

    /**
     * No response came.
     *
     * @param retryAfter when another try is worthwhile, where that is known
     */
    record Failed(Cause cause, boolean unknown, Optional<Duration> retryAfter) implements Result {
        /** A failure after which another try is worthwhile at any time. */
        public Failed(Cause cause, boolean unknown) {
            this(cause, unknown, Optional.empty());
        }
    }

    /** The cause of a missing response. */
    enum Cause {
        /** No connection could be made. */
        UNREACHABLE,
        /** The connection broke. */
        CONNECTION_LOST,
        /** The vendor took too long for the last attempt that was made. */
        TIMEOUT,
        /** The time for all attempts together was over. */
        CALL_TIMEOUT,
        /** The vendor has failed so often that its circuit breaker is open for a while. */
        CIRCUIT_OPEN
    }
}
