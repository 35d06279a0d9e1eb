package io.sluice.store;

import io.sluice.DerivedConfig;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.Priorities;
import jakarta.annotation.Priority;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The interceptor that activates the data source which {@code sluice.store} names; the other one is never opened. */
// Outside of the interceptor for expressions, so that sluice.store may be one.
@Priority(Priorities.LIBRARY + 400)
public class StoreChoice extends DerivedConfig {
    private static final long serialVersionUID = 1;

    private static final Map<String, String> STORES = switches();

    @Override
    protected @Nullable String derive(ConfigSourceInterceptorContext context, String key) {
        String store = STORES.get(key);
        return store == null ? null : Boolean.toString(store.equals(chosen(context)));
    }

    private static String chosen(ConfigSourceInterceptorContext context) {
        ConfigValue chosen = context.proceed("sluice.store");
        return chosen == null || chosen.getValue() == null || chosen.getValue().isBlank()
                ? name(Database.Kind.SQLITE)
                : chosen.getValue().trim().toLowerCase(Locale.ROOT);
    }

    private static Map<String, String> switches() {
        Map<String, String> switches = new TreeMap<>();
        for (Database.Kind kind : Database.Kind.values()) {
            switches.put("quarkus.datasource." + name(kind) + ".active", name(kind));
            switches.put("quarkus.flyway." + name(kind) + ".active", name(kind));
        }
        return switches;
    }

    private static String name(Database.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
