package io.sluice.delivery;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Claims ordering groups for one worker at a time, the longest due first, and renews and releases claims. Where too few
 * ordering groups are due it has more messages indexed first. A claim moves the time at which an ordering group is due
 * to the end of its lease: a process that dies leaves nothing behind but a later due time. The cost does not depend on
 * how many messages wait. Thread-safe.
 */
final class MessageClaimer {
    private final Database database;
    private final boolean server;
    private final String claim;

    MessageClaimer(Database database) {
        this.database = database;
        this.server = database.kind() == Database.Kind.POSTGRESQL;
        this.claim = """
                WITH due AS MATERIALIZED (
                    SELECT lane FROM delivery_lane l WHERE flow = ? AND due_at <= ?
                        AND EXISTS (SELECT 1 FROM delivery_sorted s WHERE s.lane = l.lane)
                    ORDER BY due_at LIMIT ?%s)
                UPDATE delivery_lane SET claim = ?, due_at = ?,
                    lost_seq = CASE WHEN claim IS NULL THEN lost_seq ELSE claimed_seq END, claimed_seq = %s
                WHERE lane IN (SELECT lane FROM due)""".formatted(server ? " FOR UPDATE SKIP LOCKED" : "", first("seq"));
    }

    /**
     * SQL for a column of the first message in an ordering group. Earlier versions left numbers there of messages that
     * are gone.
     */
    static String first(String column) {
        return """
                (SELECT d.%s FROM delivery_sorted s CROSS JOIN delivery d
                    WHERE s.lane = delivery_lane.lane AND d.seq = s.seq AND d.lane = s.lane ORDER BY s.seq LIMIT 1)""".formatted(column);
    }

    /**
     * The result of a claim.
     *
     * @param messages the messages that may be delivered now
     * @param more true if another claim may bring more at once: this one found ordering groups, or there were messages
     *     to index
     */
    record ClaimResult(List<ClaimedMessage> messages, boolean more) {}

    /**
     * Claims the oldest message of each of some ordering groups.
     *
     * @param token names the claim, unlike any other
     * @param until when the claim ends by itself
     * @param most how many ordering groups to claim
     * @param retryAt when ordering groups are due again whose first message must wait for another ordering group
     */
    ClaimResult claim(int queue, String token, long now, long until, long retryAt, int most) {
        return database.inTransaction(connection -> {
            boolean line = isShort(connection, queue, now, most) && MessageIndexer.index(connection, server);
            try (PreparedStatement update = connection.prepareStatement(claim)) {
                update.setInt(1, queue);
                update.setLong(2, now);
                update.setInt(3, most);
                update.setString(4, token);
                update.setLong(5, until);
                int groups = update.executeUpdate();
                List<ClaimedMessage> messages = groups == 0 ? List.of() : messages(connection, token);
                if (messages.size() < groups) {
                    unclaimEmptied(connection, token, now, retryAt);
                }
                return new ClaimResult(ready(connection, token, messages, now, retryAt), line || groups > 0);
            }
        });
    }

    /**
     * True if too few ordering groups are due. Asked before indexing, since a claim that has enough groups must not
     * wait for another process that indexes into them.
     */
    private static boolean isShort(Connection connection, int queue, long now, int most) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT COUNT(*) FROM (SELECT 1 FROM delivery_lane WHERE flow = ? AND due_at <= ? LIMIT ?) due")) {
            select.setInt(1, queue);
            select.setLong(2, now);
            select.setInt(3, most);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getInt(1) < most;
            }
        }
    }

    /**
     * Releases ordering groups whose message was delivered after the statement that claimed them had begun: the
     * statement read the message, but claimed the ordering group as its last worker had released it meanwhile. A group
     * without any message has numbers that an earlier version left there, and must not be claimed again at once.
     */
    private static void unclaimEmptied(Connection connection, String token, long now, long retryAt)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, flow = COALESCE(%s, flow),
                    due_at = CASE WHEN %s IS NULL THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END
                WHERE claim = ? AND NOT EXISTS (SELECT 1 FROM delivery d
                    WHERE d.seq = delivery_lane.claimed_seq AND d.lane = delivery_lane.lane)""".formatted(first("flow"), first("seq")))) {
            update.setLong(1, retryAt);
            update.setLong(2, now);
            update.setString(3, token);
            update.executeUpdate();
        }
    }

    private static List<ClaimedMessage> messages(Connection connection, String token) throws SQLException {
        List<ClaimedMessage> messages = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT d.lane, d.seq, d.flow, d.id, d.position, d.kind, d.operation, d.payload, d.accepted_at,
                    d.expires_at, l.failures,
                    CASE WHEN l.lost_seq = d.seq THEN 1 ELSE 0 END, d.other_lane
                FROM delivery_lane l JOIN delivery d ON d.seq = l.claimed_seq AND d.lane = l.lane
                WHERE l.claim = ? ORDER BY d.seq""")) {
            select.setString(1, token);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    messages.add(message(row));
                }
            }
        }
        return messages;
    }

    private static ClaimedMessage message(ResultSet row) throws SQLException {
        long second = row.getLong(13);
        Long secondGroup = row.wasNull() ? null : second;
        return new ClaimedMessage(
                row.getLong(1),
                row.getLong(2),
                row.getInt(3),
                row.getString(4),
                row.getInt(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getLong(9),
                row.getLong(10),
                row.getInt(11),
                row.getInt(12) != 0,
                secondGroup);
    }

    /**
     * Opens barriers whose message is gone, and releases the groups that must wait: closed barriers, and messages whose
     * second ordering group is not ready.
     */
    private static List<ClaimedMessage> ready(
            Connection connection, String token, List<ClaimedMessage> messages, long now, long retryAt)
            throws SQLException {
        List<ClaimedMessage> ready = new ArrayList<>();
        List<Long> blocked = new ArrayList<>();
        List<Long> opened = new ArrayList<>();
        for (ClaimedMessage message : messages) {
            if (message.kind().equals(MessageAppender.BARRIER)) {
                if (exists(connection, message, "s.seq = ?")) {
                    blocked.add(message.group());
                } else {
                    delete(connection, message);
                    opened.add(message.group());
                }
            } else if (message.secondGroup() != null && exists(connection, message, "s.seq < ?")) {
                blocked.add(message.group());
            } else {
                ready.add(message);
            }
        }
        release(connection, token, blocked, retryAt);
        advance(connection, token, opened, now);
        return ready;
    }

    private static boolean exists(Connection connection, ClaimedMessage message, String condition) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT 1 FROM delivery_sorted s CROSS JOIN delivery d
                WHERE s.lane = ? AND d.seq = s.seq AND d.lane = s.lane AND %s LIMIT 1""".formatted(condition))) {
            select.setLong(1, Optional.ofNullable(message.secondGroup()).orElseThrow());
            select.setLong(2, message.seq());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void delete(Connection connection, ClaimedMessage message) throws SQLException {
        for (String table : List.of("delivery", "delivery_sorted")) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM " + table + " WHERE lane = ? AND seq = ?")) {
                delete.setLong(1, message.group());
                delete.setLong(2, message.seq());
                delete.executeUpdate();
            }
        }
    }

    private static void dropEmpty(Connection connection, String token, Collection<Long> groups) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM delivery_lane WHERE claim = ? AND last_seq = claimed_seq AND lane IN (" + list(groups)
                        + ")")) {
            delete.setString(1, token);
            delete.executeUpdate();
        }
    }

    /** Releases some ordering groups of a claim, which are then due at {@code due}. */
    void release(String token, Collection<ClaimedMessage> messages, long due) {
        if (!messages.isEmpty()) {
            List<Long> groups = messages.stream().map(ClaimedMessage::group).toList();
            database.inTransaction(connection -> {
                lock(connection, server, token);
                release(connection, token, groups, due);
                return groups.size();
            });
        }
    }

    private static void release(Connection connection, String token, Collection<Long> groups, long due)
            throws SQLException {
        unclaim(connection, token, groups, due, "");
    }

    /**
     * Deletes those ordering groups of a claim that are empty now; the others are due at {@code due}, for their next
     * message.
     */
    static void advance(Connection connection, String token, Collection<Long> groups, long due) throws SQLException {
        if (!groups.isEmpty()) {
            dropEmpty(connection, token, groups);
            unclaim(connection, token, groups, due, ", failures = 0");
        }
    }

    private static void unclaim(Connection connection, String token, Collection<Long> groups, long due, String besides)
            throws SQLException {
        if (groups.isEmpty()) {
            return;
        }
        try (PreparedStatement update =
                connection.prepareStatement("""
                UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, due_at = ?, flow = COALESCE(%s, flow)%s
                WHERE claim = ? AND lane IN (%s)""".formatted(first("flow"), besides, list(groups)))) {
            update.setLong(1, due);
            update.setString(2, token);
            update.executeUpdate();
        }
    }

    /**
     * Moves the end of a claim to {@code until}.
     *
     * @return true if there is such a claim
     */
    boolean renew(String token, long until) {
        return database.inTransaction(connection -> {
            lock(connection, server, token);
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE delivery_lane SET due_at = ? WHERE claim = ?")) {
                update.setLong(1, until);
                update.setString(2, token);
                return update.executeUpdate() > 0;
            }
        });
    }

    /**
     * Locks the rows of a claim's ordering groups in the order that every transaction uses, and returns the groups.
     *
     * @param server true if other processes may use the database at the same time
     */
    static Set<Long> lock(Connection connection, boolean server, String token) throws SQLException {
        Set<Long> groups = new HashSet<>();
        String lock = server ? " FOR UPDATE" : "";
        try (PreparedStatement select =
                connection.prepareStatement("SELECT lane FROM delivery_lane WHERE claim = ? ORDER BY lane" + lock)) {
            select.setString(1, token);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    groups.add(row.getLong(1));
                }
            }
        }
        return groups;
    }

    /** Ends the leases of every claim, whose workers are lost: only for a database that no other process uses. */
    void expireAll(long now) {
        database.inTransaction(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE delivery_lane SET due_at = ? WHERE claim IS NOT NULL")) {
                update.setLong(1, now);
                return update.executeUpdate();
            }
        });
    }

    /** Numbers as SQL literals; no value that a caller sent is among them. */
    private static String list(Collection<Long> groups) {
        return groups.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
