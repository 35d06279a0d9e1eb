package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Administration of stored messages: finds, redrives, deletes, cancels and purges them. Thread-safe. */
final class MessageAdmin {
    private static final String ENDED = """
            SELECT e.id, e.position, e.flow, e.operation, e.state, e.reason, e.attempts, e.accepted_at, e.ended_at,
                e.payload, e.lane, e.other_lane, e.kind, f.vendor, f.account, f.team, f.channel
            FROM delivery_ended e JOIN delivery_flow f ON f.flow = e.flow""";
    private static final String WAITING = """
            SELECT d.id, d.position, d.flow, d.operation, 'queued' AS state, NULL AS reason, 0 AS attempts,
                d.accepted_at, 0 AS ended_at,
                d.payload, d.lane, d.other_lane, d.kind, f.vendor, f.account, f.team, f.channel
            FROM delivery d JOIN delivery_flow f ON f.flow = d.flow""";

    private final Database database;

    MessageAdmin(Database database) {
        this.database = database;
    }

    /** A stored message, waiting or ended. */
    record StoredMessage(
            String id,
            int position,
            int queue,
            String operation,
            String state,
            @Nullable String reason,
            int attempts,
            long acceptedAt,
            long endedAt,
            @Nullable String payload,
            long group,
            @Nullable Long secondGroup,
            String kind,
            Destination destination,
            String team) {}

    /** Finds all messages of an accepted call that are still stored, by position. */
    List<StoredMessage> find(String id) {
        return database.inTransaction(connection -> {
            List<StoredMessage> found = new ArrayList<>(select(connection, ENDED + " WHERE e.id = ?", id));
            found.addAll(select(connection, WAITING + " WHERE d.id = ? AND d.kind <> 'gate'", id));
            found.sort(Comparator.comparingInt(StoredMessage::position));
            return found;
        });
    }

    /**
     * Finds dead letters of some queues, the oldest call first.
     *
     * @param after the id of the call after which the page begins, with {@code afterPosition} in that call
     */
    List<StoredMessage> findDead(List<Integer> queues, String after, int afterPosition, int most) {
        if (queues.isEmpty()) {
            return List.of();
        }
        return database.inTransaction(connection -> select(
                connection,
                ENDED + " WHERE e.state = 'dead' AND (e.id > ? OR (e.id = ? AND e.position > ?)) AND e.flow IN ("
                        + queues.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")"
                        + " ORDER BY e.id, e.position LIMIT ?",
                after,
                after,
                afterPosition,
                most));
    }

    /**
     * Redrives dead letters: puts them at the end of their ordering groups, as new messages that expire at
     * {@code expiresAt}.
     *
     * @return how many were dead
     */
    int redrive(List<StoredMessage> messages, long now, long expiresAt) {
        return database.inTransaction(connection -> {
            MessageAppender.AppendTransaction append =
                    new MessageAppender.AppendTransaction(connection, new QueueIds().in(connection), Long.MAX_VALUE);
            long next = MessageAppender.takeNumbers(connection, messages.size());
            int redriven = 0;
            Map<Integer, Long> dead = new TreeMap<>();
            try (Sql.Batch insert = MessageAppender.AppendTransaction.insert(connection)) {
                for (StoredMessage message : messages) {
                    if (remove(connection, message)) {
                        append.add(insert, requeued(message, next++, now, expiresAt));
                        dead.merge(message.queue(), -1L, Long::sum);
                        redriven++;
                    }
                }
                insert.execute();
            }
            append.count();
            QueueCounters.add(connection, Map.of(), dead);
            return redriven;
        });
    }

    private static ClaimedMessage requeued(StoredMessage message, long seq, long now, long expiresAt) {
        return new ClaimedMessage(
                message.group(),
                seq,
                message.queue(),
                message.id(),
                message.position(),
                message.kind(),
                message.operation(),
                Optional.ofNullable(message.payload()).orElseThrow(),
                now,
                expiresAt,
                0,
                false,
                message.secondGroup());
    }

    /** Deletes dead letters, and returns how many there were. */
    int delete(List<StoredMessage> messages) {
        return database.inTransaction(connection -> {
            Map<Integer, Long> dead = new TreeMap<>();
            int deleted = 0;
            for (StoredMessage message : messages) {
                if (remove(connection, message)) {
                    dead.merge(message.queue(), -1L, Long::sum);
                    deleted++;
                }
            }
            QueueCounters.add(connection, Map.of(), dead);
            return deleted;
        });
    }

    /**
     * Cancels waiting messages, unless a worker has claimed one of them.
     *
     * @return how many were cancelled
     */
    int cancel(List<StoredMessage> messages) {
        return database.inTransaction(connection -> {
            Map<Integer, Long> queued = new TreeMap<>();
            int cancelled = 0;
            // The lock keeps messages from being indexed meanwhile, so an ordering group that is empty now stays so.
            MessageIndexer.lock(connection);
            for (StoredMessage message : messages) {
                lock(connection, message.group());
                Optional<Long> seq = deleteUnclaimed(connection, message);
                if (seq.isPresent()) {
                    queued.merge(message.queue(), -1L, Long::sum);
                    removeFromGroup(connection, message.group(), seq.get());
                    cancelled++;
                }
            }
            QueueCounters.add(connection, queued, Map.of());
            return cancelled;
        });
    }

    /** Keeps workers from claiming the ordering group until the end of the transaction. */
    private static void lock(Connection connection, long group) throws SQLException {
        new Sql("UPDATE delivery_lane SET failures = failures WHERE lane = ?")
                .with(group)
                .update(connection);
    }

    /** Deletes a waiting message unless a worker has claimed it, and returns its number. */
    private static Optional<Long> deleteUnclaimed(Connection connection, StoredMessage message) throws SQLException {
        return new Sql("""
                DELETE FROM delivery WHERE lane = ? AND id = ? AND position = ? AND kind <> 'gate'
                    AND NOT EXISTS (SELECT 1 FROM delivery_lane l
                        WHERE l.lane = delivery.lane AND l.claim IS NOT NULL AND l.claimed_seq = delivery.seq)
                RETURNING seq""")
                .with(message.group(), message.id(), message.position())
                .first(connection, row -> row.getLong("seq"));
    }

    /**
     * Removes a message from its ordering group, which then begins with its next message; an empty group is deleted.
     */
    private static void removeFromGroup(Connection connection, long group, long seq) throws SQLException {
        new Sql("DELETE FROM delivery_sorted WHERE lane = ? AND seq = ?")
                .with(group, seq)
                .update(connection);
        new Sql("""
                DELETE FROM delivery_lane WHERE lane = ?
                    AND NOT EXISTS (SELECT 1 FROM delivery_sorted s WHERE s.lane = delivery_lane.lane)""").with(group).update(connection);
        new Sql("""
                UPDATE delivery_lane SET
                    last_seq = (SELECT MAX(seq) FROM delivery_sorted s WHERE s.lane = delivery_lane.lane),
                    flow = COALESCE(%1$s, flow), failures = CASE WHEN %2$s > ? THEN 0 ELSE failures END,
                    due_at = CASE WHEN claim IS NULL AND %2$s > ? THEN %3$s ELSE due_at END
                WHERE lane = ?""".formatted(
                        MessageClaimer.first("flow"), MessageClaimer.first("seq"), MessageClaimer.first("accepted_at")))
                .with(seq, seq, group)
                .update(connection);
    }

    /** Purges messages whose retention has ended, at most {@code most}, and returns how many. */
    int purge(long now, int most) {
        return database.inTransaction(connection -> {
            record Purged(int queue, boolean dead) {}
            // Only the rows that this statement deleted are counted: other processes purge at the same time.
            List<Purged> purged = new Sql("""
                    DELETE FROM delivery_ended WHERE (id, position) IN
                        (SELECT id, position FROM delivery_ended WHERE keep_until <= ? LIMIT ?)
                    RETURNING flow, state""")
                    .with(now, most)
                    .list(
                            connection,
                            row -> new Purged(
                                    row.getInt("flow"), row.getString("state").equals("dead")));
            Map<Integer, Long> dead = new TreeMap<>();
            purged.stream().filter(Purged::dead).forEach(message -> dead.merge(message.queue(), -1L, Long::sum));
            QueueCounters.add(connection, Map.of(), dead);
            return purged.size();
        });
    }

    private static boolean remove(Connection connection, StoredMessage message) throws SQLException {
        int deleted = new Sql("DELETE FROM delivery_ended WHERE id = ? AND position = ? AND state = 'dead'")
                .with(message.id(), message.position())
                .update(connection);
        return deleted == 1;
    }

    private static List<StoredMessage> select(Connection connection, String sql, Object... values) throws SQLException {
        return new Sql(sql).with(values).list(connection, MessageAdmin::message);
    }

    private static StoredMessage message(ResultSet row) throws SQLException {
        return new StoredMessage(
                row.getString("id"),
                row.getInt("position"),
                row.getInt("flow"),
                row.getString("operation"),
                row.getString("state"),
                row.getString("reason"),
                row.getInt("attempts"),
                row.getLong("accepted_at"),
                row.getLong("ended_at"),
                row.getString("payload"),
                row.getLong("lane"),
                Sql.number(row, "other_lane"),
                row.getString("kind"),
                new Destination(Sql.accountId(row), row.getString("channel")),
                row.getString("team"));
    }
}
