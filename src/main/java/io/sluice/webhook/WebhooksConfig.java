package io.sluice.webhook;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The configuration of webhooks: {@code sluice.webhooks.*}. */
@ConfigMapping(prefix = "sluice.webhooks")
public interface WebhooksConfig {
    /**
     * The tolerance of a message's timestamp against our clock, both ways; Svix's libraries allow five minutes,
     * Customer.io documents none.
     */
    @WithDefault("5m")
    Duration tolerance();

    /** How long a message's id is remembered, so that it is not processed twice. */
    @WithDefault("24h")
    Duration replayRetention();

    /** The largest message; not more than {@code sluice.bodies.max-api}. */
    @WithDefault("1M")
    MemorySize maxBody();
}
