package io.sluice.web;

import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;

/**
 * A filter that keeps the paths of requests out of the metrics. Quarkus tags with the template of the resource that a
 * request matches; but a request that is refused before it matches one would add its whole path, with all ids and names
 * in it.
 */
@Singleton
public class MetricPaths {
    private static final String OTHER = "other";

    /** Our own templates, and Quarkus's words for requests without one, such as {@code NOT_FOUND}. */
    private static final Pattern BOUNDED =
            Pattern.compile("[A-Za-z_]+|/\\.mount|/api(/[a-z-]+|/\\{[a-z_]+\\})*|/webhooks/\\{place\\}");

    @Produces
    @Singleton
    MeterFilter paths() {
        return MeterFilter.replaceTagValues("uri", path -> BOUNDED.matcher(path).matches() ? path : OTHER);
    }
}
