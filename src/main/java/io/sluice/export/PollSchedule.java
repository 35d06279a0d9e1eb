package io.sluice.export;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When to look at a job next.
 *
 * <p>Waits grow geometrically from a first one to a longest one. Where it is known how long such jobs take, the wait ends
 * when the job should, and from there each further one is half of how late the job is: so a job that keeps to its time
 * is seen at once, and one that does not costs a number of looks that grows with the logarithm of its delay.
 *
 * <p>Every wait is shortened by up to a tenth, at random, so that jobs which began together are not looked at together.
 */
final class PollSchedule {
    private static final double JITTER = 0.1;
    /** How much of the usual time a job may be late before it is looked at again. */
    private static final double LATE = 0.05;

    /** However well the time of a job is known, in parts of the first wait. */
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
     * How long to wait.
     *
     * @param polls how often the job was looked at
     * @param running how long it has run
     * @param usual how long jobs of its kind take, if that is known
     */
    Duration next(int polls, Duration running, Optional<Duration> usual) {
        double wait = Math.min(nanos(first) * Math.pow(factor, polls), nanos(longest));
        wait *= 1 - JITTER * random.nextDouble();
        if (usual.isPresent()) {
            double late = nanos(running) - nanos(usual.get());
            double step = LATE * nanos(usual.get());
            double shorter = late < 0 ? -late + step / 2 : Math.max(late / 2, step);
            wait = Math.min(wait, Math.max(shorter, SHORTEST * nanos(first)));
        }
        return Duration.ofNanos((long) wait);
    }

    private static double nanos(Duration duration) {
        return duration.toNanos();
    }
}
