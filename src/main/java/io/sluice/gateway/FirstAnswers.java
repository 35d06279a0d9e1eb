package io.sluice.gateway;

import io.sluice.store.Database;
import io.sluice.store.Database.Work;
import io.sluice.store.StoreUnavailableException;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;

/**
 * Keeps the first answer to each {@code Idempotency-Key} of a team, also over a crash: what was begun and never answered is
 * then known to be unknown. Waits for the disk; throws {@link StoreUnavailableException} where the database is away.
 */
@Singleton
class FirstAnswers {
    private final Database database;

    FirstAnswers(Database database) {
        this.database = database;
    }

    /** What is known of a key. */
    sealed interface Known {
        /** Nothing: the call is to be made, and is written down as begun. */
        record Nothing() implements Known {}

        /** It was used for another request. */
        record Different() implements Known {}

        /** A call was begun, by {@code owner}, and has no answer yet. */
        record Begun(String owner) implements Known {}

        /** There is an answer. */
        record Answered(Recorded answer) implements Known {}
    }

    /** Begins a call, unless the key is known. */
    Known begin(String team, String key, String requestHash, String owner, long now, long keepUntil) {
        return database.inTransaction(connection -> {
            forget(connection, now);
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO first_answer (team, name, request_hash, owner, unknown, keep_until)
                    VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (team, name) DO NOTHING""")) {
                insert.setString(1, team);
                insert.setString(2, key);
                insert.setString(3, requestHash);
                insert.setString(4, owner);
                insert.setLong(5, keepUntil);
                return insert.executeUpdate() == 1 ? new Known.Nothing() : found(connection, team, key, requestHash);
            }
        });
    }

    private static Known found(Connection connection, String team, String key, String requestHash) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT request_hash, owner, status, content_type, body, unknown FROM first_answer
                WHERE team = ? AND name = ?""")) {
            select.setString(1, team);
            select.setString(2, key);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || !row.getString(1).equals(requestHash)) {
                    return new Known.Different();
                }
                int status = row.getInt(3);
                return row.wasNull()
                        ? new Known.Begun(row.getString(2))
                        : new Known.Answered(new Recorded(
                                status, Optional.ofNullable(row.getString(4)), row.getString(5), row.getInt(6) != 0));
            }
        }
    }

    /** Writes the answer down. */
    void answered(String team, String key, Recorded answer) {
        inTransaction(connection -> {
            try (PreparedStatement update = connection.prepareStatement("""
                    UPDATE first_answer SET status = ?, content_type = ?, body = ?, unknown = ?
                    WHERE team = ? AND name = ?""")) {
                update.setInt(1, answer.status());
                if (answer.contentType().isPresent()) {
                    update.setString(2, answer.contentType().get());
                } else {
                    update.setNull(2, Types.VARCHAR);
                }
                update.setString(3, answer.body());
                update.setInt(4, answer.unknown() ? 1 : 0);
                update.setString(5, team);
                update.setString(6, key);
                return update.executeUpdate();
            }
        });
    }

    /** Forgets a call that was begun and surely not made. */
    void undone(String team, String key) {
        inTransaction(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM first_answer WHERE team = ? AND name = ?")) {
                delete.setString(1, team);
                delete.setString(2, key);
                return delete.executeUpdate();
            }
        });
    }

    private void inTransaction(Work<Integer> work) {
        database.inTransaction(work);
    }

    private static void forget(Connection connection, long now) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM first_answer WHERE keep_until <= ?")) {
            delete.setLong(1, now);
            delete.executeUpdate();
        }
    }
}
