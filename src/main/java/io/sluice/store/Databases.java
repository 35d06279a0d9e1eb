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

/** The producer of the configured database; logs when it becomes unavailable and when it answers again. */
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
        Availability availability = new Availability(new Logged(config.store()));
        return switch (config.store()) {
            case SQLITE ->
                new Database(
                        Database.Kind.SQLITE,
                        sqlite.get(),
                        () -> {
                            create(config.dataDir());
                            sqliteSchema.get().migrate();
                        },
                        availability);
            case POSTGRESQL ->
                new Database(
                        Database.Kind.POSTGRESQL,
                        postgresql.get(),
                        () -> postgresqlSchema.get().migrate(),
                        availability);
        };
    }

    /**
     * Migrates as soon as the database answers. A server may be away or slow, which must not keep the gateway from
     * passing calls on: so the first try runs on a thread of its own, and later ones whenever the database is used.
     */
    void migrate(@Observes @Priority(1) StartupEvent starting, Database database) {
        if (database.dialect().sharedByProcesses()) {
            Thread.ofVirtual().name("migration").start(() -> migrate(database));
        } else {
            migrate(database);
        }
    }

    private static void migrate(Database database) {
        try {
            database.migrate();
        } catch (StoreUnavailableException e) {
            LOG.debugf(e, "database migration postponed, database unavailable");
        }
    }

    /** Logs the changes. */
    private record Logged(Database.Kind kind) implements Availability.Listener {
        @Override
        public void answers(boolean before) {
            LOG.infof(before ? "database %s answers again" : "database %s answers, its schema is up to date", kind);
        }

        @Override
        public void isAway(boolean before, String why) {
            LOG.warnf(
                    before
                            ? "database %s is unavailable, durable work is refused until it answers: %s"
                            : "database %s does not answer yet, durable work is refused until it does: %s",
                    kind,
                    why);
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
