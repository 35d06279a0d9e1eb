package io.sluice.budget;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The limit information of one vendor response, free of any vendor's dialect. Durations count from the moment the
 * response arrived.
 *
 * @param readings the readings of its headers; often empty
 * @param throttle present when the vendor refused the attempt for its rate
 */
public record LimitFeedback(List<LimitReading> readings, Optional<Throttle> throttle) {
    /** The feedback of a response without limit information. */
    public static final LimitFeedback NONE = new LimitFeedback(List.of(), Optional.empty());

    public LimitFeedback {
        readings = List.copyOf(readings);
    }

    /**
     * Returns the same feedback with a longer backoff where the vendor names no time: so that processes which were
     * refused together do not come back together.
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
     * The reading of one limit from the vendor's headers. Every part may be missing.
     *
     * @param limit the limit's name, where one that the attempt does not count against is ignored; {@link #UNNAMED} where the
     *     vendor does not state which of the attempt's limits it means, and the number of permits decides
     * @param permits how many calls the vendor states that it allows in a window
     * @param remaining how many of them it states are left
     * @param resetIn how long until it counts anew
     * @param epoch whether that was stated as an epoch, and read against the response's date: so within 2 s either way
     */
    public record LimitReading(
            String limit, OptionalLong permits, OptionalLong remaining, Optional<Duration> resetIn, boolean epoch) {
        /** In place of a limit's name: one of the attempt's limits. */
        public static final String UNNAMED = "";

        /** A reading whose reset is stated as a remaining time. */
        public LimitReading(String limit, OptionalLong permits, OptionalLong remaining, Optional<Duration> resetIn) {
            this(limit, permits, remaining, resetIn, false);
        }
    }

    /**
     * A refusal because too much was sent.
     *
     * @param scope what is closed until it reopens
     * @param retryAfter how long the vendor asks callers to stay away, if it states a time; already with what the
     *     vendor cuts off by rounding
     * @param backoff how long to stay away when it does not
     */
    public record Throttle(Scope scope, Optional<Duration> retryAfter, Duration backoff) {}
}
