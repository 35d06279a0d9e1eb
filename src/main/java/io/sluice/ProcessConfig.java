package io.sluice;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Set;

/** {@code sluice.*}: what this process is. */
@ConfigMapping(prefix = "sluice")
public interface ProcessConfig {
    /** How many processes share the budgets. */
    @WithDefault("single")
    Mode mode();

    /** What the process does. */
    @WithDefault("facade,worker")
    Set<Role> roles();

    /** How many processes share the budgets. */
    enum Mode {
        /** One process, its budgets in memory. */
        SINGLE
    }

    /** What a process does. */
    enum Role {
        /** Serves the mounts and the API. */
        FACADE,
        /** Does durable work. */
        WORKER
    }
}
