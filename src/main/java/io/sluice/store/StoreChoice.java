package io.sluice.store;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Has {@code sluice.store} switch the data sources: the one that is not chosen is never opened. */
public class StoreChoice implements ConfigSourceFactory {
    /** Above what Quarkus reads from files, below what an operator sets by environment or system property. */
    private static final int ORDINAL = 270;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        String chosen = Objects.requireNonNullElse(
                        context.getValue("sluice.store").getValue(), "sqlite")
                .toLowerCase(Locale.ROOT);
        Map<String, String> switches = new TreeMap<>();
        for (Database.Kind kind : Database.Kind.values()) {
            String name = kind.name().toLowerCase(Locale.ROOT);
            String active = Boolean.toString(name.equals(chosen));
            switches.put("quarkus.datasource." + name + ".active", active);
            switches.put("quarkus.flyway." + name + ".active", active);
        }
        return List.of(new PropertiesConfigSource(switches, "sluice.store", ORDINAL));
    }
}
