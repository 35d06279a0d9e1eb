package io.sluice.call;

import io.sluice.budget.Decision;
import java.time.Duration;
import java.util.Optional;

/** How a call ended. */
public sealed interface Result {
    /** Whether the vendor may have done what was asked for, although nobody says so. */
    boolean unknown();

    /**
     * The vendor answered; also when it answered that it failed.
     *
     * @param unknown whether the vendor may have done what was asked for, although the answer does not say so
     */
    record Answered(VendorResponse answer, boolean unknown) implements Result {}

    /**
     * Nothing was done: no permit was to be had within the caller's maximal wait.
     *
     * @param bottleneck the limit that held the call back, if one did
     */
    record Shed(Decision.Reason reason, Duration retryAfter, Optional<Decision.Bottleneck> bottleneck)
            implements Result {
        /** One that no limit of ours held back. */
        public Shed(Decision.Reason reason, Duration retryAfter) {
            this(reason, retryAfter, Optional.empty());
        }

        /** One that the budget has refused. */
        public static Shed of(Decision.Denied denied) {
            return new Shed(denied.reason(), denied.retryAfter(), denied.bottleneck());
        }

        @Override
        public boolean unknown() {
            return false;
        }
    }

    /**
     * No answer came.
     *
     * @param retryAfter when it is worth another try, where that is known
     */
    record Failed(Cause cause, boolean unknown, Optional<Duration> retryAfter) implements Result {
        /** One that is worth another try at any time. */
        public Failed(Cause cause, boolean unknown) {
            this(cause, unknown, Optional.empty());
        }
    }

    /** Why no answer came. */
    enum Cause {
        /** No connection could be made. */
        UNREACHABLE,
        /** The connection broke. */
        CONNECTION_LOST,
        /** The vendor took too long for the last attempt that was made. */
        TIMEOUT,
        /** The time for all attempts together was over. */
        CALL_TIMEOUT,
        /** The vendor has failed so often that it is left alone for a while. */
        CIRCUIT_OPEN
    }
}
