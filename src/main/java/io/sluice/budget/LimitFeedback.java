package io.sluice.budget;

import io.sluice.budget.window.LimitReading;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
     * A refusal because too much was sent.
     *
     * @param scope what is closed until it reopens
     * @param retryAfter how long the vendor asks callers to stay away, if it states a time; already with what the
     *     vendor cuts off by rounding
     * @param backoff how long to stay away when it does not
     */
    public record Throttle(Scope scope, Optional<Duration> retryAfter, Duration backoff) {}
}
