package io.sluice.sandbox;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Collection;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jboss.logging.Logger;

/** The bean that mounts the sandbox on this process's HTTP server when the configuration asks for it. */
@ApplicationScoped
class SandboxMount {
    private static final Logger LOG = Logger.getLogger(SandboxMount.class);
    private static final Set<String> PROFILES = Set.of("sandbox", "dev", "test");

    private final SandboxConfig config;

    SandboxMount(SandboxConfig config) {
        this.config = config;
    }

    void mount(@Observes Router router) {
        if (config.enabled()) {
            warning(ConfigUtils.getProfiles()).ifPresent(LOG::warn);
            new Sandbox(config, SandboxClock.system(), new Random()).mount(router);
        }
    }

    /** Returns what to warn of where the sandbox is not in its place. */
    static Optional<String> warning(Collection<String> profiles) {
        return profiles.stream().anyMatch(PROFILES::contains)
                ? Optional.empty()
                : Optional.of("sandbox is enabled outside of its profile: sluice.sandbox.enabled=true profiles="
                        + profiles + "; its stand-ins take public keys, and its control at /sandbox takes none");
    }
}
