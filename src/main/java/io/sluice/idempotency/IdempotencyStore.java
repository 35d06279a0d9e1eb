package io.sluice.idempotency;

import io.sluice.store.Database;
import io.sluice.store.Database.Work;
import io.sluice.store.Retention;
import io.sluice.store.Sql;
import io.sluice.store.StoreUnavailableException;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The database table of idempotency records: the first response to each {@code Idempotency-Key} of a team, and to calls
 * that SDKs may repeat. Records outlive a crash: a call that was begun and never answered then has an unknown outcome.
 * Waits for the disk; throws {@link StoreUnavailableException} where the database is away.
 */
@Singleton
public class IdempotencyStore {
    /** The longest {@code Idempotency-Key} that is accepted, in characters: that of Stripe, whose SDKs made the header known. */
    public static final int LONGEST_KEY = 255;

    private final Database database;

    public IdempotencyStore(Database database) {
        this.database = database;
    }

    /** The result of looking up a key. */
    public sealed interface Lookup {
        /** No record: the call is to be made, and is recorded as begun. */
        record New() implements Lookup {}

        /** The key was used for another request. */
        record Mismatch() implements Lookup {}

        /** A call was begun, by {@code owner}, and has no response yet; the record is kept until {@code keepUntil}. */
        record InProgress(String owner, long keepUntil) implements Lookup {}

        /** There is a recorded response. */
        record Completed(StoredResponse response) implements Lookup {}
    }

    /** The retention of its table. */
    @Produces
    @Singleton
    Retention retention() {
        return Retention.byRow(database, "first_answer", "team, name");
    }

    /**
     * Begins a call, unless the key is known: of any number that do so at once, one begins.
     *
     * @param owner tells the call from all others
     * @param now and {@code keepUntil} in milliseconds since 1970
     */
    public Lookup begin(String team, String key, String requestHash, String owner, long now, long keepUntil) {
        return database.inTransaction(connection -> begin(connection, team, key, requestHash, owner, now, keepUntil));
    }

    /**
     * The same in the caller's transaction: if that is rolled back, nothing was begun. Waits for another transaction
     * that has begun the key.
     */
    public Lookup begin(
            Connection connection, String team, String key, String requestHash, String owner, long now, long keepUntil)
            throws SQLException {
        // A record that has expired counts for nothing, whether or not the retention job has come to it.
        new Sql("DELETE FROM first_answer WHERE team = ? AND name = ? AND keep_until <= ?")
                .with(team, key, now)
                .update(connection);
        // No DO UPDATE: it would lock the record, and the call under way could not end its own.
        int begun = new Sql("""
                INSERT INTO first_answer (team, name, request_hash, owner, unknown, keep_until)
                VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (team, name) DO NOTHING""").with(team, key, requestHash, owner, keepUntil).update(connection);
        return begun == 1 ? new Lookup.New() : found(connection, team, key, requestHash);
    }

    /** Begins a call as if it were new; its earlier record is dropped. */
    public void restart(String team, String name, String requestHash, String owner, long keepUntil) {
        inTransaction(connection ->
                new Sql("""
                INSERT INTO first_answer (team, name, request_hash, owner, unknown, keep_until)
                VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (team, name) DO UPDATE SET
                    request_hash = excluded.request_hash, owner = excluded.owner, status = NULL,
                    content_type = NULL, body = NULL, unknown = 0, keep_until = excluded.keep_until""").with(team, name, requestHash, owner, keepUntil).update(connection));
    }

    private static Lookup found(Connection connection, String team, String key, String requestHash)
            throws SQLException {
        return new Sql("""
                SELECT request_hash, owner, status, content_type, body, unknown, keep_until FROM first_answer
                WHERE team = ? AND name = ?""")
                .with(team, key)
                .first(connection, row -> lookup(row, requestHash))
                // The row was deleted after the insert conflicted with it: another try inserts.
                .orElseThrow(() -> new SQLTransactionRollbackException("the row was deleted meanwhile", "40001"));
    }

    private static Lookup lookup(ResultSet row, String requestHash) throws SQLException {
        if (!row.getString("request_hash").equals(requestHash)) {
            return new Lookup.Mismatch();
        }
        int status = row.getInt("status");
        return row.wasNull()
                ? new Lookup.InProgress(row.getString("owner"), row.getLong("keep_until"))
                : new Lookup.Completed(new StoredResponse(
                        status,
                        Optional.ofNullable(row.getString("content_type")),
                        row.getString("body"),
                        row.getInt("unknown") != 0));
    }

    /**
     * Records the response, unless the call has been begun anew since.
     *
     * @param keepUntil how long it is kept, if not as long as was set at first
     */
    public void complete(String team, String key, String owner, StoredResponse response, OptionalLong keepUntil) {
        inTransaction(connection -> complete(connection, team, key, owner, response, keepUntil));
    }

    /**
     * The same in the caller's transaction.
     *
     * @return the number of records, 0 if the call has been begun anew since
     */
    public int complete(
            Connection connection,
            String team,
            String key,
            String owner,
            StoredResponse response,
            OptionalLong keepUntil)
            throws SQLException {
        return new Sql("""
                UPDATE first_answer SET status = ?, content_type = ?, body = ?, unknown = ?,
                    keep_until = COALESCE(CAST(? AS BIGINT), keep_until)
                WHERE team = ? AND name = ? AND owner = ?""")
                .with(response.status(), response.contentType().orElse(null), response.body(), response.unknown())
                .with(keepUntil.isPresent() ? keepUntil.getAsLong() : null)
                .with(team, key, owner)
                .update(connection);
    }

    /** Deletes the record of a call that was begun and surely not executed, unless it has been begun anew since. */
    public void abort(String team, String key, String owner) {
        inTransaction(connection -> abort(connection, team, key, owner));
    }

    /**
     * The same in the caller's transaction.
     *
     * @return the number of records, 0 if the call has been begun anew since
     */
    public int abort(Connection connection, String team, String key, String owner) throws SQLException {
        return new Sql("DELETE FROM first_answer WHERE team = ? AND name = ? AND owner = ?")
                .with(team, key, owner)
                .update(connection);
    }

    /** Returns true if other processes share the table, and may have calls under way that are recorded here. */
    public boolean shared() {
        return database.dialect().sharedByProcesses();
    }

    private void inTransaction(Work<Integer> work) {
        database.inTransaction(work);
    }
}
