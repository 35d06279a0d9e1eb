package io.sluice.startup;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilderCustomizer;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The known configuration keys of Sluice, as its mappings define them; a {@code *} stands for a name that the user
 * chooses. Needed only when a key is wrong, and then the configuration is not built: so the builder is kept until
 * Sluice has started.
 */
@Singleton
public class KnownKeys implements SmallRyeConfigBuilderCustomizer {
    private static volatile @Nullable SmallRyeConfigBuilder builder;

    @Override
    public void configBuilder(SmallRyeConfigBuilder configured) {
        builder = configured;
    }

    /** Returns all known keys; empty once Sluice has started. */
    static Set<String> all() {
        Set<String> keys = new TreeSet<>();
        SmallRyeConfigBuilder configured = builder;
        if (configured != null) {
            configured.getMappingsBuilder().getMappings().stream()
                    .filter(mapping -> (mapping.getPrefix() + ".").startsWith("sluice."))
                    .map(ConfigClass::getProperties)
                    .forEach(properties -> keys.addAll(properties.keySet()));
        }
        return keys;
    }

    /** Releases the builder, since the start has succeeded. */
    void release(@Observes StartupEvent starting) {
        builder = null;
    }
}
