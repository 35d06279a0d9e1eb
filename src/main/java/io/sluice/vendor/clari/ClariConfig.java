package io.sluice.vendor.clari;

import io.sluice.vendor.LimitConfig;
import io.sluice.vendor.OperationConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Map;
import java.util.Set;

/** {@code sluice.clari.*}: the company's Clari organizations. */
@ConfigMapping(prefix = "sluice.clari")
public interface ClariConfig {
    /** The organizations, by the name that stands in the mount: {@code /clari@NAME/...}. */
    Map<String, Account> accounts();

    /** What is different for single operations, by name. */
    Map<String, OperationConfig> operations();

    /** The states of a job that mean that its file is there; guides, unlike the documentation, speak of the second. */
    @WithDefault("DONE,COMPLETED")
    Set<String> doneStates();

    /** One Clari organization. */
    interface Account {
        /** Where its Revenue API is, without a version. */
        @WithDefault("https://api.clari.com")
        URI url();

        /** The token of the user whose exports these are. */
        String apiKey();

        /** Limits that differ from the defaults. */
        Map<String, LimitConfig> limits();
    }
}
