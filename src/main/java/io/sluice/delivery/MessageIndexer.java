package io.sluice.delivery;

import io.sluice.store.Sql;
import io.sluice.store.SqlDialect;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Indexes appended messages into the ordering groups of their ordering keys, in the order of their numbers and many at
 * a time: accepting only appends, and the pages of ordering groups, which lie anywhere, are written once for many
 * messages.
 *
 * <p>A transaction that indexes holds the counter {@code sorted}, so that no other one indexes a later message first.
 * Every message up to that number is in its ordering group or gone.
 */
final class MessageIndexer {
    /** Enough for the batches of a few calls, and few enough that no claim waits long for it. */
    private static final int BATCH = 5_000;

    private MessageIndexer() {}

    /**
     * Indexes the oldest appended messages, those of every queue.
     *
     * @return true if there were messages to index and no other transaction was indexing
     */
    static boolean index(Connection connection, SqlDialect dialect) throws SQLException {
        if (read(connection, "sorted") >= read(connection, "letters") || !isFree(connection, dialect)) {
            return false;
        }
        long from = lock(connection);
        long to = Math.min(read(connection, "letters"), from + BATCH);
        if (to > from) {
            new Sql("""
                    INSERT INTO delivery_sorted (lane, seq)
                    SELECT lane, seq FROM delivery WHERE seq > ? AND seq <= ? ORDER BY lane, seq
                    ON CONFLICT (lane, seq) DO NOTHING""").with(from, to).update(connection);
            new Sql("""
                    INSERT INTO delivery_lane (lane, flow, due_at, failures, last_seq)
                    SELECT n.lane, d.flow, d.accepted_at, 0, n.last_seq
                    FROM (SELECT lane, MIN(seq) AS first_seq, MAX(seq) AS last_seq FROM delivery
                        WHERE seq > ? AND seq <= ? GROUP BY lane) n
                    JOIN delivery d ON d.seq = n.first_seq AND d.lane = n.lane
                    WHERE true ORDER BY n.lane
                    ON CONFLICT (lane) DO UPDATE SET last_seq = excluded.last_seq""").with(from, to).update(connection);
            new Sql("UPDATE delivery_counter SET value = ? WHERE name = 'sorted'")
                    .with(to)
                    .update(connection);
        }
        return true;
    }

    /**
     * True if no other transaction is indexing; a transaction that waits for it would hold a connection that others
     * need.
     */
    private static boolean isFree(Connection connection, SqlDialect dialect) throws SQLException {
        return new Sql("SELECT value FROM delivery_counter WHERE name = 'sorted'" + dialect.skipLocked())
                .exists(connection);
    }

    /** Locks indexing until the end of the transaction, and returns the number up to which messages are indexed. */
    static long lock(Connection connection) throws SQLException {
        return new Sql("UPDATE delivery_counter SET value = value WHERE name = 'sorted' RETURNING value")
                .one(connection, row -> row.getLong("value"));
    }

    private static long read(Connection connection, String counter) throws SQLException {
        return new Sql("SELECT value FROM delivery_counter WHERE name = ?")
                .with(counter)
                .one(connection, row -> row.getLong("value"));
    }
}
