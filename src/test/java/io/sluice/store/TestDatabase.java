package io.sluice.store;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.sluice.machine.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Real databases for tests that need no Quarkus, with the schema of production. */
public final class TestDatabase {
    private TestDatabase() {}

    /** SQLite in a file, set up as in production. */
    public static Database sqlite(Path file) {
        return sqlite(file, () -> {});
    }

    /** The same; {@code lending} runs before each transaction, on its thread. */
    public static Database sqlite(Path file, Runnable lending) {
        return sqlite(file, SQLiteConfig.SynchronousMode.FULL, lending);
    }

    /** The same, but nobody else can open it, and what is committed may not outlive the machine: for very many commits. */
    public static Database fastSqlite(Path file) {
        return sqlite(file, SQLiteConfig.SynchronousMode.OFF, () -> {});
    }

    /** What every method of a store throws while its database is away. */
    public static StoreUnavailableException away() {
        return new StoreUnavailableException(new SQLException("it is away"));
    }

    private static Database sqlite(Path file, SQLiteConfig.SynchronousMode synchronous, Runnable lending) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(synchronous);
        config.enforceForeignKeys(true);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return new Database(
                Database.Kind.SQLITE,
                oneConnection(source, synchronous == SQLiteConfig.SynchronousMode.OFF, lending),
                migration(source, "db/common", "db/sqlite"));
    }

    /**
     * A new database without rows, of a server that the first call starts and the end of the JVM stops; with a pool, as in
     * production.
     */
    public static Database postgresql() {
        return postgresql(Server.pool(Server.newDatabase(Server.TEMPLATE)));
    }

    /** A new database of that server without tables; with a pool, too. */
    public static DataSource source() {
        return Server.pool(Server.newDatabase("template1"));
    }

    /** A source that lends no connection: for what must not use the database. */
    static DataSource none() {
        return (DataSource) java.lang.reflect.Proxy.newProxyInstance(
                TestDatabase.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** A database that is there already. */
    public static Database postgresql(DataSource source) {
        return new Database(Database.Kind.POSTGRESQL, source, migration(source, "db/common", "db/postgresql"));
    }

    private static Runnable migration(DataSource source, String... locations) {
        return () -> Flyway.configure()
                .dataSource(source)
                .locations(locations)
                .load()
                .migrate();
    }

    /** As the pool of production: one connection, lent to one at a time. */
    private static DataSource oneConnection(SQLiteDataSource source, boolean alone, Runnable lending) {
        Connection[] only = new Connection[1];
        Lock lent = new ReentrantLock();
        return (DataSource) java.lang.reflect.Proxy.newProxyInstance(
                TestDatabase.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("getConnection")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    lending.run();
                    lent.lock();
                    if (only[0] == null) {
                        only[0] = source.getConnection();
                        try (var statement = only[0].createStatement()) {
                            statement.execute("PRAGMA locking_mode = " + (alone ? "EXCLUSIVE" : "NORMAL"));
                        }
                    }
                    return lentOut(only[0], lent);
                });
    }

    private static Connection lentOut(Connection connection, Lock lent) {
        return (Connection) java.lang.reflect.Proxy.newProxyInstance(
                TestDatabase.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        lent.unlock();
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (java.lang.reflect.InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static final class Server {
        /** Has the schema, so that not every database has to be migrated. */
        static final String TEMPLATE = "test_template";
        /** As many connections as in production. */
        private static final int POOL = 16;

        private static final EmbeddedPostgres POSTGRES = start();
        private static int databases;

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres postgres = Postgres.start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        postgres.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
                create(postgres, TEMPLATE, "template1");
                migration(postgres.getDatabase("postgres", TEMPLATE), "db/common", "db/postgresql")
                        .run();
                return postgres;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Creates one with the tables of another, to which nobody is connected. */
        static synchronized String newDatabase(String template) {
            String name = "test_" + ++databases;
            create(POSTGRES, name, template);
            return name;
        }

        /** Not closed before the JVM ends, but what it does not use for some seconds is. */
        static DataSource pool(String name) {
            try {
                return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                        .connectionPoolConfiguration(pool -> pool.maxSize(POOL)
                                .acquisitionTimeout(Duration.ofSeconds(30))
                                .reapTimeout(Duration.ofSeconds(5))
                                .connectionFactoryConfiguration(
                                        connection -> connection.jdbcUrl(POSTGRES.getJdbcUrl("postgres", name)))));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void create(EmbeddedPostgres postgres, String name, String template) {
            try (Connection connection = postgres.getPostgresDatabase().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name + " TEMPLATE " + template);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
