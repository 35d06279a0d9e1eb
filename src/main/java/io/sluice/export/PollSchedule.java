package io.sluice.export;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The schedule by which a job is polled.
 *
 * <p>Waits grow geometrically from a first one to a longest one. Where it is known how long such jobs take and how much
 * that varies, the wait ends when the job may; from there it is polled in steps of a twentieth of its usual time, or
 * wider ones if that varies much; and once it is late, each further wait is half of how late it is. So the end of a job
 * that keeps to its time is seen at once, and one that does not costs a number of polls that grows with the logarithm
 * of its delay.
 *
 * <p>Every wait is shortened by up to a tenth, at random, so that jobs which began together are not polled together.
 */
final class PollSchedule {
    private static final double JITTER = 0.1;
    /**
     * The steps between polls of a job that may have ended, in parts of its usual time, and of how much that varies.
     */
    private static final double STEP = 0.05;

    private static final double STEP_OF_DEVIATION = 0.25;
    /** How many mean deviations before and after its mean time a job may end. */
    private static final double SPREAD = 2;

    /** The shortest wait, however well the time of a job is known, in parts of the first wait. */
    private static final double SHORTEST = 0.05;

    private final Duration first;
    private final double factor;
    private final Duration longest;
    private final RandomGenerator random;

    PollSchedule(Duration first, double factor, Duration longest, RandomGenerator random) {
        this.first = first;
        this.factor = factor;
        this.longest = longest;
        this.random = random;
    }

    /**
     * The wait before the next poll.
     *
     * @param polls how often the job was polled
     * @param running how long it has run
     * @param estimate how long jobs of its kind take; null if that is unknown
     */
    Duration next(int polls, Duration running, @Nullable DurationEstimate estimate) {
        double wait = Math.min(nanos(first) * Math.pow(factor, polls), nanos(longest));
        wait *= 1 - JITTER * random.nextDouble();
        if (estimate != null) {
            wait = Math.min(wait, Math.max(untilMayBeOver(running, estimate), SHORTEST * nanos(first)));
        }
        return Duration.ofNanos((long) wait);
    }

    private static double untilMayBeOver(Duration running, DurationEstimate estimate) {
        double mean = nanos(estimate.mean());
        double deviation = nanos(estimate.deviation());
        double step = Math.max(STEP * mean, STEP_OF_DEVIATION * deviation);
        double early = mean - SPREAD * deviation - nanos(running);
        double late = nanos(running) - mean - SPREAD * deviation;
        return early > 0 ? early + step / 2 : Math.max(late / 2, step);
    }

    private static double nanos(Duration duration) {
        return duration.toNanos();
    }
}
