package io.sluice.budget;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one answer of the vendor tells about its limits, free of any vendor's dialect. Durations count from the moment
 * the answer arrived.
 *
 * @param readings what its headers say; often nothing
 * @param throttle present when the vendor refused the attempt for its rate
 */
public record LimitFeedback(List<LimitReading> readings, Optional<Throttle> throttle) {
    /** An answer that tells nothing about limits. */
    public static final LimitFeedback NONE = new LimitFeedback(List.of(), Optional.empty());

    public LimitFeedback {
        readings = List.copyOf(readings);
    }

    /**
     * The same, but to stay away longer where the vendor does not say for how long: so that processes which were refused
     * together do not come back together.
     *
     * @param share how much longer, as a share of the time
     */
    public LimitFeedback withJitter(double share) {
        return throttle.filter(refused -> refused.retryAfter().isEmpty())
                .map(refused -> new LimitFeedback(
                        readings,
                        Optional.of(new Throttle(
                                refused.scope(),
                                Optional.empty(),
                                refused.backoff().plusNanos((long)
                                        (share * refused.backoff().toNanos()))))))
                .orElse(this);
    }

    /**
     * One limit as the vendor's headers show it. Every part may be missing.
     *
     * @param limit the limit's name; one that the attempt does not count against is ignored
     * @param permits how many calls the vendor says it allows in a window
     * @param remaining how many of them it says are left
     * @param resetIn how long until it counts anew
     * @param epoch whether that was told as an epoch, and read against the answer's date: so within 2 s either way
     */
    public record LimitReading(
            String limit, OptionalLong permits, OptionalLong remaining, Optional<Duration> resetIn, boolean epoch) {
        /** One whose reset is told as a time to go. */
        public LimitReading(String limit, OptionalLong permits, OptionalLong remaining, Optional<Duration> resetIn) {
            this(limit, permits, remaining, resetIn, false);
        }
    }

    /**
     * The vendor refused the attempt because too much was sent.
     *
     * @param scope what nobody may use until it reopens
     * @param retryAfter how long the vendor asks everybody to stay away, if it says so; already with what the vendor
     *     cuts off by rounding
     * @param backoff how long to stay away when it does not
     */
    public record Throttle(Scope scope, Optional<Duration> retryAfter, Duration backoff) {}
}
