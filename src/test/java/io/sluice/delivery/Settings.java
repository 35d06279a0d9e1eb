package io.sluice.delivery;

import java.time.Duration;

/** A configuration for tests that need no Quarkus. */
record Settings(long maxQueued, int claimSize, int maxConcurrent, Duration deliveredRetention)
        implements DeliveriesConfig {
    static final Settings USUAL = new Settings(1_000, 100, 4, Duration.ofMinutes(10));

    @Override
    public int maxUncommitted() {
        return 1_000;
    }

    @Override
    public int groupCommitSize() {
        return 100;
    }

    @Override
    public Duration maxAge() {
        return Duration.ofHours(71);
    }

    @Override
    public Duration pollInterval() {
        return Duration.ofMillis(500);
    }

    @Override
    public Duration lease() {
        return Duration.ofSeconds(30);
    }

    @Override
    public Duration permitTimeout() {
        return Duration.ofSeconds(30);
    }

    @Override
    public Duration firstBackoff() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Duration maxBackoff() {
        return Duration.ofSeconds(32);
    }

    @Override
    public double jitter() {
        return 0.1;
    }

    @Override
    public Duration deadLetterRetention() {
        return Duration.ofDays(30);
    }

    @Override
    public Duration shutdownTimeout() {
        return Duration.ofSeconds(10);
    }
}
