package io.sluice.gateway;

import io.sluice.store.Database;
import io.sluice.store.Database.Work;
import io.sluice.store.StoreUnavailableException;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Types;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The database table of idempotency records: the first response to each {@code Idempotency-Key} of a team, and to calls
 * that SDKs may repeat. Records outlive a crash: a call that was begun and never answered then has an unknown outcome.
 * Waits for the disk; throws {@link StoreUnavailableException} where the database is away.
 */
@Singleton
class IdempotencyStore {
    private final Database database;

    IdempotencyStore(Database database) {
        this.database = database;
    }

    /** The result of looking up a key. */
    sealed interface Lookup {
        /** No record: the call is to be made, and is recorded as begun. */
        record New() implements Lookup {}

        /** The key was used for another request. */
        record Mismatch() implements Lookup {}

        /** A call was begun, by {@code owner}, and has no response yet; the record is kept until {@code keepUntil}. */
        record InProgress(String owner, long keepUntil) implements Lookup {}

        /** There is a recorded response. */
        record Completed(RecordedResponse answer) implements Lookup {}
    }

    /** Begins a call, unless the key is known: of any number that do so at once, one begins. */
    Lookup begin(String team, String key, String requestHash, String owner, long now, long keepUntil) {
        return database.inTransaction(connection -> {
            deleteExpired(connection, now);
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO first_answer (team, name, request_hash, owner, unknown, keep_until)
                    VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (team, name) DO NOTHING""")) {
                insert.setString(1, team);
                insert.setString(2, key);
                insert.setString(3, requestHash);
                insert.setString(4, owner);
                insert.setLong(5, keepUntil);
                return insert.executeUpdate() == 1 ? new Lookup.New() : found(connection, team, key, requestHash);
            }
        });
    }

    /** Begins a call as if it were new; its earlier record is dropped. */
    void restart(String team, String name, String requestHash, String owner, long now, long keepUntil) {
        inTransaction(connection -> {
            deleteExpired(connection, now);
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO first_answer (team, name, request_hash, owner, unknown, keep_until)
                    VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (team, name) DO UPDATE SET owner = excluded.owner,
                        status = NULL, content_type = NULL, body = NULL, unknown = 0, keep_until = excluded.keep_until""")) {
                insert.setString(1, team);
                insert.setString(2, name);
                insert.setString(3, requestHash);
                insert.setString(4, owner);
                insert.setLong(5, keepUntil);
                return insert.executeUpdate();
            }
        });
    }

    private static Lookup found(Connection connection, String team, String key, String requestHash)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT request_hash, owner, status, content_type, body, unknown, keep_until FROM first_answer
                WHERE team = ? AND name = ?""")) {
            select.setString(1, team);
            select.setString(2, key);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    // The row was deleted after the insert conflicted with it: another try inserts.
                    throw new SQLTransactionRollbackException("the row was deleted meanwhile", "40001");
                }
                if (!row.getString(1).equals(requestHash)) {
                    return new Lookup.Mismatch();
                }
                int status = row.getInt(3);
                return row.wasNull()
                        ? new Lookup.InProgress(row.getString(2), row.getLong(7))
                        : new Lookup.Completed(new RecordedResponse(
                                status, Optional.ofNullable(row.getString(4)), row.getString(5), row.getInt(6) != 0));
            }
        }
    }

    /**
     * Records the response, unless the call has been begun anew since.
     *
     * @param keepUntil how long it is kept, if not as long as was set at first
     */
    void complete(String team, String key, String owner, RecordedResponse answer, OptionalLong keepUntil) {
        inTransaction(connection -> {
            try (PreparedStatement update = connection.prepareStatement("""
                    UPDATE first_answer SET status = ?, content_type = ?, body = ?, unknown = ?,
                        keep_until = COALESCE(?, keep_until)
                    WHERE team = ? AND name = ? AND owner = ?""")) {
                update.setInt(1, answer.status());
                if (answer.contentType().isPresent()) {
                    update.setString(2, answer.contentType().get());
                } else {
                    update.setNull(2, Types.VARCHAR);
                }
                update.setString(3, answer.body());
                update.setInt(4, answer.unknown() ? 1 : 0);
                if (keepUntil.isPresent()) {
                    update.setLong(5, keepUntil.getAsLong());
                } else {
                    update.setNull(5, Types.BIGINT);
                }
                update.setString(6, team);
                update.setString(7, key);
                update.setString(8, owner);
                return update.executeUpdate();
            }
        });
    }

    /** Deletes the record of a call that was begun and surely not executed, unless it has been begun anew since. */
    void abort(String team, String key, String owner) {
        inTransaction(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM first_answer WHERE team = ? AND name = ? AND owner = ?")) {
                delete.setString(1, team);
                delete.setString(2, key);
                delete.setString(3, owner);
                return delete.executeUpdate();
            }
        });
    }

    /** Returns true if other processes share the table, and may have calls under way that are recorded here. */
    boolean shared() {
        return database.kind() == Database.Kind.POSTGRESQL;
    }

    private void inTransaction(Work<Integer> work) {
        database.inTransaction(work);
    }

    private static void deleteExpired(Connection connection, long now) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM first_answer WHERE keep_until <= ?")) {
            delete.setLong(1, now);
            delete.executeUpdate();
        }
    }
}
