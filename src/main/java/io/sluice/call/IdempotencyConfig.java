package io.sluice.call;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** {@code sluice.idempotency.*}: idempotency of calls that callers repeat, on the mounts and for exports. */
@ConfigMapping(prefix = "sluice.idempotency")
public interface IdempotencyConfig {
    /** How long an SDK's repetition gets the first call's answer. */
    @WithDefault("60s")
    Duration retryWindow();

    /** How many calls are remembered for the retry window. */
    @WithDefault("10000")
    @Min(1)
    int maxEntries();

    /** How much of an answer is kept to be given again; of a larger one, only the status. */
    @WithDefault("64K")
    MemorySize maxResponse();

    /** The largest body of a call that reaches people, such as a mail, that is kept to tell its repetition. */
    @WithDefault("4M")
    MemorySize maxRequest();

    /** How often the store is asked for the answer to a call that another process has under way. */
    @WithDefault("250ms")
    Duration pollInterval();

    /** How long an {@code Idempotency-Key} holds, on the mounts and for exports. */
    @WithDefault("24h")
    Duration retention();
}
