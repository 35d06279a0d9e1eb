package io.sluice.gateway;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** The settings of circuit breakers: when one opens, and for how long. */
@ConfigMapping(prefix = "sluice.circuit-breaker")
public interface CircuitBreakerConfig {
    /** The number of consecutive calls that must fail. The default is MicroProfile Fault Tolerance's request volume. */
    @WithDefault("20")
    @Min(1)
    int failures();

    /** How long a breaker stays open before it lets a probe through. The default is MicroProfile Fault Tolerance's. */
    @WithDefault("5s")
    Duration delay();

    /**
     * The time in which the failures of one team on one path count once, so that no single bad request, however often
     * it is repeated, opens the breaker for others. The default is ours.
     */
    @WithDefault("10s")
    Duration failureWindow();
}
