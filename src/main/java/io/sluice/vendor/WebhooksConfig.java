package io.sluice.vendor;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** {@code sluice.webhooks.*}: what is believed of what vendors send. */
@ConfigMapping(prefix = "sluice.webhooks")
public interface WebhooksConfig {
    /** How far a message's time may be from ours, both ways; Svix's libraries allow five minutes, Customer.io documents none. */
    @WithDefault("5m")
    Duration tolerance();

    /** How long a message is known, so that it is not heeded twice. */
    @WithDefault("24h")
    Duration replayRetention();

    /** How many messages are known at most. Those forgotten early are still refused once they are out of tolerance. */
    @WithDefault("100000")
    @Min(1000)
    int replayMaxEntries();

    /** The largest message; not more than {@code sluice.bodies.max-api}. */
    @WithDefault("1M")
    MemorySize maxBody();
}
