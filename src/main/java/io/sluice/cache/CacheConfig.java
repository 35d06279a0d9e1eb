package io.sluice.cache;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/**
 * {@code sluice.cache.*}: the size of the response cache, and when an entry that is out of date may still be served.
 */
@ConfigMapping(prefix = "sluice.cache")
public interface CacheConfig {
    /** The largest total size of all cached responses. */
    @WithDefault("64M")
    MemorySize maxBytes();

    /** The largest number of cached responses. */
    @WithDefault("50000")
    @Min(1)
    @Max(10_000_000)
    int maxEntries();

    /**
     * The largest body that is cached, or shared by callers that wait for it; larger ones stream to one caller each.
     */
    @WithDefault("256K")
    MemorySize maxBody();

    /** The largest age of a stale response that is served because the vendor cannot be asked; zero for never. */
    @WithDefault("10m")
    Duration maxStale();

    /** How many responses that were served out of date may wait to be refreshed. */
    @WithDefault("100")
    @Min(0)
    @Max(10_000)
    int maxRefreshes();

    /** How long a refresh waits for a permit. */
    @WithDefault("5m")
    Duration refreshPermitTimeout();
}
