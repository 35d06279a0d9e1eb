package io.sluice.saas.clari;

import io.sluice.saas.LimitConfig;
import io.sluice.saas.OperationConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Map;
import java.util.Set;

/** The configuration of Clari, {@code sluice.clari.*}: the company's Clari organizations. */
@ConfigMapping(prefix = "sluice.clari")
public interface ClariConfig {
    /** The organizations, by the name that stands in the mount: {@code /clari@NAME/...}. */
    Map<String, Account> accounts();

    /** The configuration of single operations, by name. */
    Map<String, OperationConfig> operations();

    /**
     * The states of a job that mean that its file is available; guides, unlike the documentation, mention the second.
     */
    @WithDefault("DONE,COMPLETED")
    Set<String> doneStates();

    /** One Clari organization. */
    interface Account {
        /** The URL of its Revenue API, without a version. */
        @WithDefault("https://api.clari.com")
        URI url();

        /** The token of the user that owns these exports. */
        String apiKey();

        /** Limits that differ from the defaults. */
        Map<String, LimitConfig> limits();
    }
}
