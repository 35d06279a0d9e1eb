package io.sluice.sandbox;

import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Random;

/** The bean that mounts the sandbox on this process's HTTP server when the configuration asks for it. */
@ApplicationScoped
class SandboxMount {
    private final SandboxConfig config;

    SandboxMount(SandboxConfig config) {
        this.config = config;
    }

    void mount(@Observes Router router) {
        if (config.enabled()) {
            new Sandbox(config, SandboxClock.system(), new Random()).mount(router);
        }
    }
}
