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
 * The configuration keys of Sluice, as its mappings have them: a {@code *} stands for a name of the user's. Only needed when
 * a key is wrong, and the configuration then does not come into being, so what it was to be made of is kept until it is.
 */
@Singleton
public class KnownKeys implements SmallRyeConfigBuilderCustomizer {
    private static volatile @Nullable SmallRyeConfigBuilder builder;

    @Override
    public void configBuilder(SmallRyeConfigBuilder configured) {
        builder = configured;
    }

    /** All of them; none once Sluice has started. */
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

    /** Lets go of what is kept. */
    void release(@Observes StartupEvent starting) {
        builder = null;
    }
}
