package io.sluice.budget;

import java.time.Duration;
import java.util.Optional;

/** The budget's decision on a request for a permit. */
public sealed interface Decision {
    /**
     * The attempt may be sent now.
     *
     * @param waited how long it was queued
     */
    record Granted(Permit permit, Duration waited) implements Decision {}

    /**
     * The attempt may not be sent; nothing was taken.
     *
     * @param retryAfter when asking again is worthwhile: a prediction, never zero
     * @param bottleneck the limit that holds the call back longest; empty where no limit does, but a pause,
     *     for instance
     */
    record Denied(Reason reason, Duration retryAfter, Optional<Bottleneck> bottleneck) implements Decision {
        /** A denial without a bottleneck. */
        public Denied(Reason reason, Duration retryAfter) {
            this(reason, retryAfter, Optional.empty());
        }
    }

    /**
     * A limit with more calls than permits.
     *
     * @param limit its name
     * @param ahead how many permits of it go to calls that go first
     */
    record Bottleneck(String limit, long ahead) {}

    /** The reason of a denial. */
    enum Reason {
        /** Its turn would not come, or has not come, within the caller's maximal wait. */
        DEADLINE,
        /** Too many calls of its team wait already. */
        QUEUE_FULL,
        /** It waited, and was replaced by a more urgent call of its team. */
        SHED,
        /** The account is paused, for longer than the caller waits. */
        PAUSED,
        /** Its permits cannot be saved at present, for longer than the caller waits. */
        UNSAVED,
        /** The process is about to stop and sends nothing new. */
        DRAINING
    }
}
