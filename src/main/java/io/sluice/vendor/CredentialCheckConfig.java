package io.sluice.vendor;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** {@code sluice.credential-check.*}: how vendors are asked at start-up whether they take the accounts' credentials. */
@ConfigMapping(prefix = "sluice.credential-check")
public interface CredentialCheckConfig {
    /** Whether vendors are asked at start-up whether they take the accounts' credentials. */
    @WithDefault("true")
    boolean enabled();

    /** How long each call waits for a permit. */
    @WithDefault("30s")
    Duration permitTimeout();
}
