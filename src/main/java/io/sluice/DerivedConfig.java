package io.sluice;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * Configuration keys of the platform whose values follow from Sluice's own configuration. A value that some source gives
 * for such a key is used instead.
 *
 * <p>An interceptor rather than a source: it is asked when a key is read, and by then all sources are there, files that
 * {@code smallrye.config.locations} names among them. What makes sources cannot see other sources, so this is the one way
 * to read our own configuration while the platform reads its. Subclasses say by {@code @Priority} which interceptors they
 * lie outside of.
 *
 * <p>The keys are not among the names of the configuration: the platform keeps what it finds under a name while it builds the
 * application, as a default for when it runs. It reads derived keys by name where it knows them otherwise.
 */
public abstract class DerivedConfig implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1;

    /** Below every source that a value may come from, and above the platform's own defaults. */
    private static final int ORDINAL = Integer.MIN_VALUE + 1_000;

    /**
     * The value of a key that no source has.
     *
     * @return nothing for a key that this class is not about
     */
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
