package io.sluice.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * The database of durable work, whose schema is brought up to date before its first use. Runs work in transactions, and
 * repeats one that conflicts with another. Thread-safe.
 *
 * <p>SQLite is opened with one connection, which is the lock between its writers.
 */
public final class Database {
    /** How often a transaction is tried that conflicts with others. */
    private static final int TRIES = 5;

    private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "23505");

    private final Kind kind;
    private final DataSource source;
    private final Runnable migration;
    private final Availability availability;
    private final ReentrantLock migrating = new ReentrantLock();
    private volatile boolean migrated;

    /** The databases that are supported. */
    public enum Kind {
        /** A file below {@code data-dir}. */
        SQLITE,
        /** A server, for more than one process. */
        POSTGRESQL
    }

    /** The work of one transaction. May run more than once, so it must do nothing but use the connection. */
    @FunctionalInterface
    public interface Work<T> {
        /** Does the work; an exception rolls the transaction back. */
        T on(Connection connection) throws SQLException;
    }

    /** A database whose availability is not reported to any listener. */
    public Database(Kind kind, DataSource source, Runnable migration) {
        this(kind, source, migration, new Availability(Availability.Listener.NONE));
    }

    /** @param migration brings the schema up to date; throws while the database is away */
    Database(Kind kind, DataSource source, Runnable migration, Availability availability) {
        this.kind = kind;
        this.source = source;
        this.migration = migration;
        this.availability = availability;
    }

    public Kind kind() {
        return kind;
    }

    /** The particularities of the SQL and the locks of this database. */
    public SqlDialect dialect() {
        return switch (kind) {
            case SQLITE -> SqlDialect.SQLITE;
            case POSTGRESQL -> SqlDialect.POSTGRESQL;
        };
    }

    /** Returns true if the database answered when it was last used; false before its first use. Never waits. */
    public boolean isAvailable() {
        return availability.isAnswering();
    }

    /**
     * Does work in one transaction, which is durable when this returns. Waits for a connection, and for the disk.
     *
     * @throws StoreUnavailableException if the database is away or full; whether the work was committed is then unknown
     */
    public <T> T inTransaction(Work<T> work) {
        migrate();
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = source.getConnection()) {
                T result = committed(connection, work);
                availability.answers();
                return result;
            } catch (SQLException e) {
                if (!conflicted(e) || attempt == TRIES) {
                    throw dialect().unavailable(e)
                            ? away(e)
                            : new IllegalStateException("the database refused: " + e.getMessage(), e);
                }
            }
        }
    }

    private static <T> T committed(Connection connection, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        boolean done = false;
        try {
            T result = work.on(connection);
            connection.commit();
            done = true;
            return result;
        } finally {
            if (!done) {
                rollBack(connection);
            }
            restore(connection);
        }
    }

    private static void rollBack(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException broken) {
            // The connection is gone, and with it the transaction; the exception that broke it is on its way to the
            // caller.
            return;
        }
    }

    private static void restore(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException broken) {
            // As above: the pool detects a broken connection itself.
            return;
        }
    }

    /** Brings the schema up to date, unless that is done already. Waits for the database. */
    public void migrate() {
        if (migrated) {
            return;
        }
        migrating.lock();
        try {
            if (!migrated) {
                migration.run();
                migrated = true;
                availability.answers();
            }
        } catch (RuntimeException e) {
            throw away(e);
        } finally {
            migrating.unlock();
        }
    }

    private StoreUnavailableException away(Exception e) {
        availability.isAway(e);
        return new StoreUnavailableException(e);
    }

    private static boolean conflicted(SQLException e) {
        // Serialization failure, deadlock, and a key that another transaction has inserted since this one looked it up.
        return e.getSQLState() != null && CONFLICTS.contains(e.getSQLState());
    }
}
