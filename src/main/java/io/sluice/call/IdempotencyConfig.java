package io.sluice.call;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** {@code sluice.idempotency.*}: idempotency of calls that callers repeat, on the mounts and for exports. */
@ConfigMapping(prefix = "sluice.idempotency")
public interface IdempotencyConfig {
    /** How long an SDK's repetition gets the first call's response. */
    @WithDefault("60s")
    Duration retryWindow();

    /** How many calls are recorded in memory for the retry window. */
    @WithDefault("10000")
    @Min(1)
    int maxEntries();

    /** The largest response body that is recorded to be replayed; of a larger one, only the status is. */
    @WithDefault("64K")
    MemorySize maxResponse();

    /** The largest body of a non-repeatable call, such as a mail, that is buffered to recognize its repetition. */
    @WithDefault("4M")
    MemorySize maxRequest();

    /** How often the store is polled for the response to a call that another process has under way. */
    @WithDefault("250ms")
    Duration pollInterval();

    /** How long an {@code Idempotency-Key} is valid, on the mounts and for exports. */
    @WithDefault("24h")
    Duration retention();
}
