package io.sluice;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * Configuration keys of the platform whose values follow from Sluice's own configuration. A value that a source gives
 * for such a key takes precedence.
 *
 * <p>An interceptor rather than a source: it runs when a key is read, and by then all sources are there, files that
 * {@code smallrye.config.locations} names among them. A source cannot read other sources, so this is the one way to
 * read our own configuration while the platform reads its. The order among subclasses and other interceptors is given
 * by {@code @Priority}.
 *
 * <p>The derived keys are not among the configuration's property names: while the platform builds the application, it
 * records the value of each listed name as a default for the time it runs. Keys that the platform defines itself are
 * read by name, and so are found.
 */
public abstract class DerivedConfig implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1;

    /** Below every source that may give the value, and above the platform's own defaults. */
    private static final int ORDINAL = Integer.MIN_VALUE + 1_000;

    /** Returns the value of a key that no source has; null for a key that this class does not derive. */
    protected abstract @Nullable String derive(ConfigSourceInterceptorContext context, String key);

    @Override
    public final @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String key) {
        ConfigValue configured = context.proceed(key);
        if (configured != null && configured.getConfigSourceOrdinal() > ORDINAL) {
            return configured;
        }
        String derived = derive(context, key);
        return derived == null
                ? configured
                : ConfigValue.builder()
                        .withName(key)
                        .withValue(derived)
                        .withRawValue(derived)
                        .withConfigSourceName(getClass().getSimpleName())
                        .withConfigSourceOrdinal(ORDINAL)
                        .build();
    }
}
