package io.sluice.cache;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** {@code sluice.cache.*}: how much is kept, and when what is out of date may still be served. */
@ConfigMapping(prefix = "sluice.cache")
public interface CacheConfig {
    /** What all cached responses may weigh together. */
    @WithDefault("64M")
    MemorySize maxBytes();

    /** How many answers are kept. */
    @WithDefault("50000")
    @Min(1)
    @Max(10_000_000)
    int maxEntries();

    /** The largest body that is kept, or shared by callers that wait for it; larger ones stream to one caller each. */
    @WithDefault("256K")
    MemorySize maxBody();

    /** How old an answer may be that is served because the vendor cannot be asked; nothing for never. */
    @WithDefault("10m")
    Duration maxStale();

    /** How many answers that were served out of date may wait to be refreshed. */
    @WithDefault("100")
    @Min(0)
    @Max(10_000)
    int maxRefreshes();

    /** How long one of them waits for a permit. */
    @WithDefault("5m")
    Duration refreshPermitTimeout();
}
