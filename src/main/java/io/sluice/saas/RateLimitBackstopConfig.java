package io.sluice.saas;

import io.quarkus.arc.Arc;
import io.quarkus.arc.ArcContainer;
import io.sluice.DerivedConfig;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.Priorities;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.CreationException;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A configuration source that gives fault tolerance the limits of the {@link RateLimitBackstops}. Fault tolerance reads
 * it once, when the configuration is complete and there are beans, and by name: no list of names has to contain them.
 */
// Inside the interceptor that maps fault tolerance's keys to their names in Quarkus.
@Priority(Priorities.LIBRARY + 250)
public class RateLimitBackstopConfig extends DerivedConfig {
    private static final long serialVersionUID = 1;

    private static final String PREFIX = "quarkus.fault-tolerance.\"";
    private static final String STRATEGY = ".rate-limit.";

    @Override
    protected @Nullable String derive(ConfigSourceInterceptorContext context, String key) {
        if (!key.startsWith(PREFIX) || !key.contains(STRATEGY)) {
            return null;
        }
        ArcContainer beans = Arc.container();
        if (beans == null) {
            return null;
        }
        try {
            return beans.listAll(RateLimitBackstops.class).stream()
                    .map(vendor -> vendor.get().properties().get(key))
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
        } catch (CreationException e) {
            if (isBeforeTheConfiguration(e)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * True if a bean could not be created because its mapping does not exist yet. Where an operator sets a number of a
     * backstop, the platform looks up the backstop's others while it makes the configuration, for a mapping that is
     * never read.
     */
    private static boolean isBeforeTheConfiguration(CreationException failure) {
        return Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(NoSuchElementException.class::isInstance);
    }
}
