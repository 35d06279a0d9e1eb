package io.sluice;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Set;

/** {@code sluice.*}: the mode and the roles of this process. */
@ConfigMapping(prefix = "sluice")
public interface ProcessConfig {
    /** How many processes share the budgets. */
    @WithDefault("single")
    Mode mode();

    /** The roles that the process has. */
    @WithDefault("facade,worker")
    Set<Role> roles();

    /** How many processes share the budgets. */
    enum Mode {
        /** One process, its budgets in memory. */
        SINGLE
    }

    /** The roles that a process can have. */
    enum Role {
        /** Serves the mounts and the API. */
        FACADE,
        /** Works on exports and deliveries. */
        WORKER
    }
}
