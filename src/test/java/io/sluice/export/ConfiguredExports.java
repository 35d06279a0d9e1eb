package io.sluice.export;

import io.sluice.export.job.ExportsConfig;
import java.time.Duration;

/** The configuration as it is by default, for tests that need no Quarkus. */
public class ConfiguredExports implements ExportsConfig {
    @Override
    public Duration firstPoll() {
        return Duration.ofSeconds(5);
    }

    @Override
    public double pollFactor() {
        return 1.5;
    }

    @Override
    public Duration maxPoll() {
        return Duration.ofSeconds(60);
    }

    @Override
    public Duration deadline() {
        return Duration.ofHours(2);
    }

    @Override
    public Duration maxQueued() {
        return Duration.ofHours(24);
    }

    @Override
    public Duration freshFor() {
        return Duration.ofMinutes(15);
    }

    @Override
    public Duration keepFor() {
        return Duration.ofDays(30);
    }

    @Override
    public Duration recordRetention() {
        return Duration.ofDays(90);
    }

    @Override
    public Duration pollInterval() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Duration lease() {
        return Duration.ofSeconds(30);
    }

    @Override
    public Duration reconcileDelay() {
        return Duration.ofSeconds(10);
    }

    @Override
    public Duration permitTimeout() {
        return Duration.ofSeconds(30);
    }

    @Override
    public Duration slotPoll() {
        return Duration.ofSeconds(60);
    }

    @Override
    public Duration slotPollWhenFull() {
        return Duration.ofSeconds(10);
    }

    @Override
    public int maxConcurrent() {
        return 16;
    }

    @Override
    public int maxParts() {
        return 100;
    }

    @Override
    public int maxOpen() {
        return 10_000;
    }

    @Override
    public Duration eventInterval() {
        return Duration.ofSeconds(1);
    }

    @Override
    public int maxWatchers() {
        return 200;
    }
}
