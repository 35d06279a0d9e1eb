package io.sluice.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** {@code sluice.*}: where things are kept. */
@ConfigMapping(prefix = "sluice")
public interface StoreConfig {
    /** Where durable work is kept. */
    @WithDefault("sqlite")
    Database.Kind store();

    /** Where files are kept, the database of {@code sluice.store=sqlite} among them. */
    @WithDefault("data")
    Path dataDir();
}
