package io.sluice.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Exponential backoff with jitter: waits double with each further failure, up to a bound, and vary at random. */
final class Backoff {
    private final DeliveriesConfig config;
    private final RandomGenerator random;

    Backoff(DeliveriesConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
    }

    /** The wait after that many failures before this one. */
    Duration after(int failures) {
        long first = config.firstBackoff().toMillis();
        long max = config.maxBackoff().toMillis();
        long plain = failures >= 30 ? max : Math.min(max, first << failures);
        double share = config.jitter() * (2 * random.nextDouble() - 1);
        return Duration.ofMillis(Math.max(1, Math.round(plain * (1 + share))));
    }
}
