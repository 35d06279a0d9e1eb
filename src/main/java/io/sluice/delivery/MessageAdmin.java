package io.sluice.delivery;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
            SELECT d.id, d.position, d.flow, d.operation, 'queued', NULL, 0, d.accepted_at, 0,
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
            List<StoredMessage> found = select(connection, ENDED + " WHERE e.id = ?", id);
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
                ENDED + " WHERE e.state = 'dead' AND (e.id > ? OR (e.id = ? AND e.position > " + afterPosition
                        + ")) AND e.flow IN ("
                        + queues.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")"
                        + " ORDER BY e.id, e.position LIMIT " + most,
                after,
                after));
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
            try (PreparedStatement insert = MessageAppender.AppendTransaction.insert(connection)) {
                for (StoredMessage message : messages) {
                    if (remove(connection, message)) {
                        append.add(insert, requeued(message, next++, now, expiresAt));
                        dead.merge(message.queue(), -1L, Long::sum);
                        redriven++;
                    }
                }
                insert.executeBatch();
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
            try (PreparedStatement delete = connection.prepareStatement("""
                            DELETE FROM delivery WHERE lane = ? AND id = ? AND position = ? AND kind <> 'gate'
                                AND NOT EXISTS (SELECT 1 FROM delivery_lane l
                                    WHERE l.lane = delivery.lane AND l.claim IS NOT NULL AND l.claimed_seq = delivery.seq)
                            RETURNING seq""")) {
                for (StoredMessage message : messages) {
                    lock(connection, message.group());
                    delete.setLong(1, message.group());
                    delete.setString(2, message.id());
                    delete.setInt(3, message.position());
                    try (ResultSet row = delete.executeQuery()) {
                        if (row.next()) {
                            queued.merge(message.queue(), -1L, Long::sum);
                            removeFromGroup(connection, message.group(), row.getLong(1));
                            cancelled++;
                        }
                    }
                }
            }
            QueueCounters.add(connection, queued, Map.of());
            return cancelled;
        });
    }

    /** Keeps workers from claiming the ordering group until the end of the transaction. */
    private static void lock(Connection connection, long group) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE delivery_lane SET failures = failures WHERE lane = ?")) {
            update.setLong(1, group);
            update.executeUpdate();
        }
    }

    /**
     * Removes a message from its ordering group, which then begins with its next message; an empty group is deleted.
     */
    private static void removeFromGroup(Connection connection, long group, long seq) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM delivery_sorted WHERE lane = ? AND seq = ?")) {
            delete.setLong(1, group);
            delete.setLong(2, seq);
            delete.executeUpdate();
        }
        try (PreparedStatement delete = connection.prepareStatement("""
                DELETE FROM delivery_lane WHERE lane = ?
                    AND NOT EXISTS (SELECT 1 FROM delivery_sorted s WHERE s.lane = delivery_lane.lane)""")) {
            delete.setLong(1, group);
            delete.executeUpdate();
        }
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE delivery_lane SET
                    last_seq = (SELECT MAX(seq) FROM delivery_sorted s WHERE s.lane = delivery_lane.lane),
                    flow = COALESCE(%1$s, flow), failures = CASE WHEN %2$s > ? THEN 0 ELSE failures END,
                    due_at = CASE WHEN claim IS NULL AND %2$s > ? THEN %3$s ELSE due_at END
                WHERE lane = ?""".formatted(
                MessageClaimer.first("flow"), MessageClaimer.first("seq"), MessageClaimer.first("accepted_at")))) {
            update.setLong(1, seq);
            update.setLong(2, seq);
            update.setLong(3, group);
            update.executeUpdate();
        }
    }

    /** Purges messages whose retention has ended, at most {@code most}, and returns how many. */
    int purge(long now, int most) {
        return database.inTransaction(connection -> {
            Map<Integer, Long> dead = new TreeMap<>();
            int purged = 0;
            // Only the rows that this statement deleted are counted: other processes purge at the same time.
            try (PreparedStatement delete = connection.prepareStatement("""
                    DELETE FROM delivery_ended WHERE (id, position) IN
                        (SELECT id, position FROM delivery_ended WHERE keep_until <= ? LIMIT ?)
                    RETURNING flow, state""")) {
                delete.setLong(1, now);
                delete.setInt(2, most);
                try (ResultSet row = delete.executeQuery()) {
                    while (row.next()) {
                        purged++;
                        if (row.getString(2).equals("dead")) {
                            dead.merge(row.getInt(1), -1L, Long::sum);
                        }
                    }
                }
            }
            QueueCounters.add(connection, Map.of(), dead);
            return purged;
        });
    }

    private static boolean remove(Connection connection, StoredMessage message) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM delivery_ended WHERE id = ? AND position = ? AND state = 'dead'")) {
            delete.setString(1, message.id());
            delete.setInt(2, message.position());
            return delete.executeUpdate() == 1;
        }
    }

    private static List<StoredMessage> select(Connection connection, String sql, String... parameters)
            throws SQLException {
        List<StoredMessage> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long second = row.getLong(12);
                    Long secondGroup = row.wasNull() ? null : second;
                    found.add(new StoredMessage(
                            row.getString(1),
                            row.getInt(2),
                            row.getInt(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            row.getInt(7),
                            row.getLong(8),
                            row.getLong(9),
                            row.getString(10),
                            row.getLong(11),
                            secondGroup,
                            row.getString(13),
                            new Destination(row.getString(14), row.getString(15), row.getString(17)),
                            row.getString(16)));
                }
            }
        }
        return found;
    }
}
