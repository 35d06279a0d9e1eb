package io.sluice.store;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;

/**
 * The differences between the databases: SQL that is appended to a query, and properties. Everything else that we send
 * is the same for both, {@code ON CONFLICT} and {@code RETURNING} among it.
 */
public enum SqlDialect {
    /** A file of one process with one connection, which is the lock between its transactions. */
    SQLITE("", "", "", false) {
        // In the lower byte of the error: busy, locked, read-only, I/O error, full, cannot open.
        private static final Set<Integer> CODES = Set.of(5, 6, 8, 10, 13, 14);

        @Override
        boolean reportsUnavailable(SQLException e) {
            return CODES.contains(e.getErrorCode() & 0xff);
        }
    },

    /** A server, which locks the rows that a transaction names. */
    POSTGRESQL(" FOR UPDATE", " FOR UPDATE SKIP LOCKED", " FOR SHARE", true) {
        @Override
        boolean reportsUnavailable(SQLException e) {
            String state = e.getSQLState();
            // Connections, resources such as the disk, an operator who stops the server, a lock waited for too long,
            // and a transaction of ours that stood still. The pool's own have no state.
            return state == null
                    || state.startsWith("08")
                    || state.startsWith("53")
                    || state.startsWith("57P")
                    || state.equals("55P03")
                    || state.equals("25P03");
        }
    };

    private final String forUpdate;
    private final String skipLocked;
    private final String forShare;
    private final boolean sharedByProcesses;

    SqlDialect(String forUpdate, String skipLocked, String forShare, boolean sharedByProcesses) {
        this.forUpdate = forUpdate;
        this.skipLocked = skipLocked;
        this.forShare = forShare;
        this.sharedByProcesses = sharedByProcesses;
    }

    /** The end of a query that locks its rows until the transaction ends, and waits for those that others have locked. */
    public String forUpdate() {
        return forUpdate;
    }

    /** The end of a query that locks its rows until the transaction ends, and leaves out those that others have locked. */
    public String skipLocked() {
        return skipLocked;
    }

    /** The end of a query that keeps others from changing its rows until the transaction ends. */
    public String forShare() {
        return forShare;
    }

    /** Returns true if several processes may use one database at the same time. */
    public boolean sharedByProcesses() {
        return sharedByProcesses;
    }

    /** Returns true if a statement failed because the database is away, full or busy, rather than for what it says. */
    final boolean unavailable(SQLException e) {
        return e instanceof SQLTransientException
                || e instanceof SQLRecoverableException
                || e instanceof SQLNonTransientConnectionException
                || reportsUnavailable(e);
    }

    /** The same by the database's own code. */
    abstract boolean reportsUnavailable(SQLException e);
}
