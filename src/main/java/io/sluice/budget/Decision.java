package io.sluice.budget;

import java.time.Duration;
import java.util.Optional;

/** The budget's answer to a request. */
public sealed interface Decision {
    /**
     * The attempt may be sent now.
     *
     * @param waited how long it stood in the queue
     */
    record Granted(Permit permit, Duration waited) implements Decision {}

    /**
     * The attempt may not be sent; nothing was taken.
     *
     * @param retryAfter when asking again is worthwhile: an honest prediction, never zero
     * @param bottleneck the limit that holds the call back longest; none where no limit does, but a pause, for instance
     */
    record Denied(Reason reason, Duration retryAfter, Optional<Bottleneck> bottleneck) implements Decision {
        /** A refusal that no limit is the reason of. */
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

    /** Why a request is refused. */
    enum Reason {
        /** Its turn would come, or has failed to come, within the caller's wait. */
        DEADLINE,
        /** Too many calls of its team wait already. */
        QUEUE_FULL,
        /** It waited, and gave its place to a more urgent call of its team. */
        SHED,
        /** The account is paused, for longer than the caller waits. */
        PAUSED,
        /** What it would take cannot be saved at present, for longer than the caller waits. */
        UNSAVED,
        /** The process is about to stop and sends nothing new. */
        DRAINING
    }
}
