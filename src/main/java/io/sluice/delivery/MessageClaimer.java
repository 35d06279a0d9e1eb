package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.SqlDialect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
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
    private final String claim;

    MessageClaimer(Database database) {
        this.database = database;
        this.claim = """
                WITH due AS MATERIALIZED (
                    SELECT lane FROM delivery_lane l WHERE flow = ? AND due_at <= ?
                        AND EXISTS (SELECT 1 FROM delivery_sorted s WHERE s.lane = l.lane)
                    ORDER BY due_at LIMIT ?%s)
                UPDATE delivery_lane SET claim = ?, due_at = ?,
                    lost_seq = CASE WHEN claim IS NULL THEN lost_seq ELSE claimed_seq END, claimed_seq = %s
                WHERE lane IN (SELECT lane FROM due)""".formatted(database.dialect().skipLocked(), first("seq"));
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
            boolean line =
                    isShort(connection, queue, now, most) && MessageIndexer.index(connection, database.dialect());
            int groups = new Sql(claim).with(queue, now, most, token, until).update(connection);
            List<ClaimedMessage> messages = groups == 0 ? List.of() : messages(connection, token);
            if (messages.size() < groups) {
                unclaimEmptied(connection, token, now, retryAt);
            }
            return new ClaimResult(ready(connection, token, messages, now, retryAt), line || groups > 0);
        });
    }

    /**
     * True if too few ordering groups are due. Asked before indexing, since a claim that has enough groups must not
     * wait for another process that indexes into them.
     */
    private static boolean isShort(Connection connection, int queue, long now, int most) throws SQLException {
        int due = new Sql("SELECT COUNT(*) AS due FROM"
                        + " (SELECT 1 FROM delivery_lane WHERE flow = ? AND due_at <= ? LIMIT ?) due")
                .with(queue, now, most)
                .one(connection, row -> row.getInt("due"));
        return due < most;
    }

    /**
     * Releases ordering groups whose message was delivered after the statement that claimed them had begun: the
     * statement read the message, but claimed the ordering group as its last worker had released it meanwhile. A group
     * without any message has numbers that an earlier version left there, and must not be claimed again at once.
     */
    private static void unclaimEmptied(Connection connection, String token, long now, long retryAt)
            throws SQLException {
        new Sql("""
                UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, flow = COALESCE(%s, flow),
                    due_at = CASE WHEN %s IS NULL THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END
                WHERE claim = ? AND NOT EXISTS (SELECT 1 FROM delivery d
                    WHERE d.seq = delivery_lane.claimed_seq AND d.lane = delivery_lane.lane)""".formatted(first("flow"), first("seq")))
                .with(retryAt, now, token)
                .update(connection);
    }

    private static List<ClaimedMessage> messages(Connection connection, String token) throws SQLException {
        return new Sql("""
                SELECT d.lane, d.seq, d.flow, d.id, d.position, d.kind, d.operation, d.payload, d.accepted_at,
                    d.expires_at, d.other_lane, l.failures,
                    CASE WHEN l.lost_seq = d.seq THEN 1 ELSE 0 END AS maybe_delivered
                FROM delivery_lane l JOIN delivery d ON d.seq = l.claimed_seq AND d.lane = l.lane
                WHERE l.claim = ? ORDER BY d.seq""").with(token).list(connection, MessageClaimer::message);
    }

    private static ClaimedMessage message(ResultSet row) throws SQLException {
        return new ClaimedMessage(
                row.getLong("lane"),
                row.getLong("seq"),
                row.getInt("flow"),
                row.getString("id"),
                row.getInt("position"),
                row.getString("kind"),
                row.getString("operation"),
                row.getString("payload"),
                row.getLong("accepted_at"),
                row.getLong("expires_at"),
                row.getInt("failures"),
                row.getInt("maybe_delivered") != 0,
                Sql.number(row, "other_lane"));
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
        return new Sql("""
                SELECT 1 FROM delivery_sorted s CROSS JOIN delivery d
                WHERE s.lane = ? AND d.seq = s.seq AND d.lane = s.lane AND %s LIMIT 1""".formatted(condition))
                .with(message.secondGroup(), message.seq())
                .exists(connection);
    }

    private static void delete(Connection connection, ClaimedMessage message) throws SQLException {
        for (String table : List.of("delivery", "delivery_sorted")) {
            new Sql("DELETE FROM " + table + " WHERE lane = ? AND seq = ?")
                    .with(message.group(), message.seq())
                    .update(connection);
        }
    }

    private static void dropEmpty(Connection connection, String token, Collection<Long> groups) throws SQLException {
        new Sql("DELETE FROM delivery_lane WHERE claim = ? AND last_seq = claimed_seq AND lane IN (" + list(groups)
                        + ")")
                .with(token)
                .update(connection);
    }

    /** Releases some ordering groups of a claim, which are then due at {@code due}. */
    void release(String token, Collection<ClaimedMessage> messages, long due) {
        if (!messages.isEmpty()) {
            List<Long> groups = messages.stream().map(ClaimedMessage::group).toList();
            database.inTransaction(connection -> {
                lock(connection, database.dialect(), token);
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
        new Sql("""
                UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, due_at = ?, flow = COALESCE(%s, flow)%s
                WHERE claim = ? AND lane IN (%s)""".formatted(first("flow"), besides, list(groups)))
                .with(due, token)
                .update(connection);
    }

    /**
     * Renews the lease of a claim.
     *
     * @return the claims, among those with this token, that still had an ordering group
     */
    Set<String> renew(String token, Set<String> claims, Instant until) {
        return renew(token, until.toEpochMilli()) ? claims : Set.of();
    }

    /**
     * Moves the end of a claim to {@code until}.
     *
     * @return true if there is such a claim
     */
    boolean renew(String token, long until) {
        return database.inTransaction(connection -> {
            lock(connection, database.dialect(), token);
            int renewed = new Sql("UPDATE delivery_lane SET due_at = ? WHERE claim = ?")
                    .with(until, token)
                    .update(connection);
            return renewed > 0;
        });
    }

    /** Locks the rows of a claim's ordering groups in the order that every transaction uses, and returns the groups. */
    static Set<Long> lock(Connection connection, SqlDialect dialect, String token) throws SQLException {
        return new HashSet<>(
                new Sql("SELECT lane FROM delivery_lane WHERE claim = ? ORDER BY lane" + dialect.forUpdate())
                        .with(token)
                        .list(connection, row -> row.getLong("lane")));
    }

    /** Ends the leases of every claim, whose workers are lost: only for a database that no other process uses. */
    void expireAll(long now) {
        database.inTransaction(connection -> new Sql("UPDATE delivery_lane SET due_at = ? WHERE claim IS NOT NULL")
                .with(now)
                .update(connection));
    }

    /** Numbers as SQL literals; no value that a caller sent is among them. */
    private static String list(Collection<Long> groups) {
        return groups.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
