package io.sluice.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** {@code sluice.*}: the database and the folder of files. */
@ConfigMapping(prefix = "sluice")
public interface StoreConfig {
    /** The database of durable work. */
    @WithDefault("sqlite")
    Database.Kind store();

    /** The folder of files, the database of {@code sluice.store=sqlite} among them. */
    @WithDefault("data")
    Path dataDir();
}
