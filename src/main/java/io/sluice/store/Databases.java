package io.sluice.store;

import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.flyway.FlywayDataSource;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/** Makes the configured database. */
@Singleton
public class Databases {
    private static final Logger LOG = Logger.getLogger(Databases.class);

    @Produces
    @Singleton
    Database database(
            StoreConfig config,
            @DataSource("sqlite") InjectableInstance<AgroalDataSource> sqlite,
            @DataSource("postgresql") InjectableInstance<AgroalDataSource> postgresql,
            @FlywayDataSource("sqlite") InjectableInstance<Flyway> sqliteSchema,
            @FlywayDataSource("postgresql") InjectableInstance<Flyway> postgresqlSchema) {
        return switch (config.store()) {
            case SQLITE ->
                new Database(Database.Kind.SQLITE, sqlite.get(), () -> {
                    create(config.dataDir());
                    sqliteSchema.get().migrate();
                });
            case POSTGRESQL ->
                new Database(
                        Database.Kind.POSTGRESQL,
                        postgresql.get(),
                        () -> postgresqlSchema.get().migrate());
        };
    }

    /**
     * Migrates at start-up where that can be done. A database that is away must not keep the gateway from passing calls
     * on: then it is tried again when it is needed.
     */
    void migrate(@Observes @Priority(1) StartupEvent starting, Database database) {
        try {
            database.migrate();
        } catch (StoreUnavailableException e) {
            LOG.warnf("durable work is refused for now: %s", e.getMessage());
        }
    }

    private static void create(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
