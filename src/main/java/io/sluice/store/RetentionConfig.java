package io.sluice.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** {@code sluice.retention.*}: how rows and files are deleted whose time has come; how long each is kept stands elsewhere. */
@ConfigMapping(prefix = "sluice.retention")
public interface RetentionConfig {
    /** How often they are deleted. A second at least: the scheduler's shortest interval. */
    @WithDefault("10s")
    @DurationMin(seconds = 1)
    Duration interval();

    /** How many are deleted in one transaction: few enough that accepting work does not wait for long. */
    @WithDefault("2000")
    @Min(1)
    @Max(100_000)
    int batch();
}
