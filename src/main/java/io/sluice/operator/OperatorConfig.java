package io.sluice.operator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** The configuration of operators' settings: {@code sluice.operator-settings.*}. */
@ConfigMapping(prefix = "sluice.operator-settings")
public interface OperatorConfig {
    /**
     * How often a process reads the settings, which others may have changed, and ends those whose time has come. An
     * own choice: soon enough that two replicas differ for a second at most, at the cost of one small query.
     */
    @WithDefault("500ms")
    @DurationMin(millis = 10)
    Duration pollInterval();
}
