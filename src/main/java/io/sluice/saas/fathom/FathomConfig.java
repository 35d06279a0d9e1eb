package io.sluice.saas.fathom;

import io.sluice.saas.LimitConfig;
import io.sluice.saas.OperationConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Map;

/** The configuration of Fathom, {@code sluice.fathom.*}: the Fathom users on whose behalf the company reads. */
@ConfigMapping(prefix = "sluice.fathom")
public interface FathomConfig {
    /** The users, by the name that stands in the mount: {@code /fathom@NAME/...}. */
    Map<String, Account> accounts();

    /** The configuration of single operations, by name. */
    Map<String, OperationConfig> operations();

    /** One Fathom user. */
    interface Account {
        /** The URL of the External API, without its path. */
        @WithDefault("https://api.fathom.ai")
        URI url();

        /** The user's key; it may read what the user may. */
        String apiKey();

        /** Limits that differ from the documented ones. */
        Map<String, LimitConfig> limits();
    }
}
