package io.sluice.saas;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/**
 * The configuration of the credential check at start-up, {@code sluice.credential-check.*}: test calls that show if
 * vendors accept the accounts' credentials.
 */
@ConfigMapping(prefix = "sluice.credential-check")
public interface CredentialCheckConfig {
    /** True if credentials are checked at start-up. */
    @WithDefault("true")
    boolean enabled();

    /** How long each call waits for a permit. */
    @WithDefault("30s")
    Duration permitTimeout();

    /** How much of a response is read: Clari's, the largest, names the ids of running exports. The default is ours. */
    @WithDefault("1M")
    MemorySize maxResponse();
}
