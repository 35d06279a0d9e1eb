package io.sluice.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** {@code sluice.permit-wait.*}: how long calls wait for a permit. */
@ConfigMapping(prefix = "sluice.permit-wait")
public interface PermitWaitConfig {
    /** The maximal wait of a call without {@code Prefer: wait}. */
    @WithDefault("30s")
    @WithName("default")
    Duration byDefault();

    /** The upper bound of {@code Prefer: wait}. */
    @WithDefault("300s")
    Duration max();

    /** How often a call that the vendor throttles goes back to the queue. */
    @WithDefault("10")
    @Min(1)
    int maxRequeues();

    /** How long the lookup that prepares a broadcast's outcome resolution waits for a permit. */
    @WithDefault("2s")
    Duration beforeBroadcast();
}
