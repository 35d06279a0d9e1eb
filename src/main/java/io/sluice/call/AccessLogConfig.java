package io.sluice.call;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** {@code sluice.access-log.*}: the access log. */
@ConfigMapping(prefix = "sluice.access-log")
public interface AccessLogConfig {
    /** True if each call has a line in the log, of the category {@code io.sluice.access}. */
    @WithDefault("true")
    boolean enabled();
}
