package io.sluice.budget.window;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with jitter: waits grow by a factor with each further failure, up to a bound, and vary at random.
 * Thread-safe if its source of randomness is.
 */
public final class Backoff {
    private final Duration first;
    private final double factor;
    private final Duration max;
    private final double jitter;
    private final RandomGenerator random;

    /**
     * @param first the wait after one failure
     * @param factor by how much each further wait is longer
     * @param jitter the part by which a wait may be longer or shorter, below 1
     */
    public Backoff(Duration first, double factor, Duration max, double jitter, RandomGenerator random) {
        this.first = first;
        this.factor = factor;
        this.max = max;
        this.jitter = jitter;
        this.random = random;
    }

    /** The wait after that many failures before this one. */
    public Duration after(int failures) {
        double share = jitter == 0 ? 0 : jitter * (2 * random.nextDouble() - 1);
        return Duration.ofNanos(
                Math.max(1, Math.round(plain(first, factor, max, failures).toNanos() * (1 + share))));
    }

    /** The wait after that many failures before this one, without jitter. */
    static Duration plain(Duration first, double factor, Duration max, int failures) {
        double nanos = first.toNanos() * Math.pow(factor, failures);
        return nanos < max.toNanos() ? Duration.ofNanos(Math.round(nanos)) : max;
    }
}
