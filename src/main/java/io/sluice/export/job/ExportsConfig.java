package io.sluice.export.job;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** The configuration of exports: {@code sluice.exports.*}. */
@ConfigMapping(prefix = "sluice.exports")
public interface ExportsConfig {
    /** How long after its start a job is polled first. */
    @WithDefault("5s")
    Duration firstPoll();

    /** The factor by which each further wait between polls is longer. */
    @WithDefault("1.5")
    @DecimalMin("1")
    double pollFactor();

    /** The longest wait between two polls. */
    @WithDefault("60s")
    Duration maxPoll();

    /** How long a job may take at the vendor. */
    @WithDefault("2h")
    Duration deadline();

    /** How long a part may wait for a slot. */
    @WithDefault("24h")
    Duration maxQueued();

    /** For how long an equal request reuses the file of an earlier job. */
    @WithDefault("15m")
    Duration freshFor();

    /** How long files are kept, unless the vendor's own end comes first. */
    @WithDefault("30d")
    Duration keepFor();

    /** How long an export's record is kept once it has ended. */
    @WithDefault("90d")
    Duration recordRetention();

    /**
     * How often the poller claims the jobs that fall due before its next tick. A second at least: the scheduler's
     * shortest interval.
     */
    @WithDefault("1s")
    @DurationMin(seconds = 1)
    Duration pollInterval();

    /** How long a process's lease on a job lasts without renewal; four poll intervals at least. */
    @WithDefault("30s")
    Duration lease();

    /** How long after a request whose outcome is unknown its job is looked for at the vendor. */
    @WithDefault("10s")
    Duration reconcileDelay();

    /** How long a call of the poller waits for permits. */
    @WithDefault("30s")
    Duration permitTimeout();

    /** How often the vendor is polled for an account's limits while jobs run, or while its quota is used up. */
    @WithDefault("60s")
    Duration slotPoll();

    /** The same while a part waits and no slot is free. */
    @WithDefault("10s")
    Duration slotPollWhenFull();

    /** How many steps run at once. */
    @WithDefault("16")
    @Min(1)
    @Max(1000)
    int maxConcurrent();

    /** How many parts an export may have. */
    @WithDefault("100")
    @Min(1)
    int maxParts();

    /** How many jobs of a team may be under way. */
    @WithDefault("10000")
    @Min(1)
    int maxOpen();

    /** How often progress is sent to the watchers of exports. */
    @WithDefault("1s")
    Duration eventInterval();

    /** How many watchers there may be at once. */
    @WithDefault("200")
    @Min(1)
    int maxWatchers();
}
