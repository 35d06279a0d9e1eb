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
 * Claims lanes, the longest due first, so that nobody else delivers from them, and prolongs and splits claims. Where too few
 * lanes are due it has more letters sorted first. A claim moves the time at which a lane is due to the end of its lease: a
 * process that dies leaves nothing behind but a later due time. The cost does not depend on how many letters wait.
 * Thread-safe.
 */
final class ClaimLetters {
    private final Database database;
    private final boolean server;
    private final String claim;

    ClaimLetters(Database database) {
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

    /** SQL for a column of the first letter in a lane. A version before this one leaves numbers there of letters gone. */
    static String first(String column) {
        return """
                (SELECT d.%s FROM delivery_sorted s CROSS JOIN delivery d
                    WHERE s.lane = delivery_lane.lane AND d.seq = s.seq AND d.lane = s.lane ORDER BY s.seq LIMIT 1)""".formatted(column);
    }

    /**
     * What a claim brought.
     *
     * @param letters that may go now
     * @param more whether another claim may bring more at once: this one found lanes, or there was a line to sort
     */
    record Claimed(List<Waiting> letters, boolean more) {}

    /**
     * Claims the oldest letter of each of some lanes.
     *
     * @param token names the claim, unlike any other
     * @param until when the claim ends by itself
     * @param most how many lanes to claim
     * @param again until when lanes are given back whose first letter must wait for another lane
     */
    Claimed claim(int flow, String token, long now, long until, long again, int most) {
        return database.inTransaction(connection -> {
            boolean line = tooFew(connection, flow, now, most) && SortLetters.some(connection, server);
            try (PreparedStatement update = connection.prepareStatement(claim)) {
                update.setInt(1, flow);
                update.setLong(2, now);
                update.setInt(3, most);
                update.setString(4, token);
                update.setLong(5, until);
                int lanes = update.executeUpdate();
                List<Waiting> letters = lanes == 0 ? List.of() : letters(connection, token);
                if (letters.size() < lanes) {
                    giveBackGone(connection, token, now, again);
                }
                return new Claimed(sorted(connection, token, letters, now, again), line || lanes > 0);
            }
        });
    }

    /** Asked first, since whoever has lanes must not wait for somebody who sorts into them. */
    private static boolean tooFew(Connection connection, int flow, long now, int most) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT COUNT(*) FROM (SELECT 1 FROM delivery_lane WHERE flow = ? AND due_at <= ? LIMIT ?) due")) {
            select.setInt(1, flow);
            select.setLong(2, now);
            select.setInt(3, most);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getInt(1) < most;
            }
        }
    }

    /**
     * Gives back lanes whose letter was delivered after the statement that claimed them had begun: it saw the letter, but took
     * the lane as its last courier had left it meanwhile. One without any letter has numbers that a version before this one
     * left there, and must not be claimed again at once.
     */
    private static void giveBackGone(Connection connection, String token, long now, long again) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, flow = COALESCE(%s, flow),
                    due_at = CASE WHEN %s IS NULL THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END
                WHERE claim = ? AND NOT EXISTS (SELECT 1 FROM delivery d
                    WHERE d.seq = delivery_lane.claimed_seq AND d.lane = delivery_lane.lane)""".formatted(first("flow"), first("seq")))) {
            update.setLong(1, again);
            update.setLong(2, now);
            update.setString(3, token);
            update.executeUpdate();
        }
    }

    private static List<Waiting> letters(Connection connection, String token) throws SQLException {
        List<Waiting> letters = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT d.lane, d.seq, d.flow, d.id, d.position, d.kind, d.operation, d.payload, d.accepted_at,
                    d.expires_at, l.failures,
                    CASE WHEN l.lost_seq = d.seq THEN 1 ELSE 0 END, d.other_lane
                FROM delivery_lane l JOIN delivery d ON d.seq = l.claimed_seq AND d.lane = l.lane
                WHERE l.claim = ? ORDER BY d.seq""")) {
            select.setString(1, token);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    letters.add(waiting(row));
                }
            }
        }
        return letters;
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        long other = row.getLong(13);
        Long otherLane = row.wasNull() ? null : other;
        return new Waiting(
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
                otherLane);
    }

    /** Opens gates whose letter is gone, and gives back what must wait: closed gates, and letters before other lanes. */
    private static List<Waiting> sorted(
            Connection connection, String token, List<Waiting> letters, long now, long again) throws SQLException {
        List<Waiting> ready = new ArrayList<>();
        List<Long> later = new ArrayList<>();
        List<Long> opened = new ArrayList<>();
        for (Waiting letter : letters) {
            if (letter.kind().equals(AcceptLetters.GATE)) {
                if (exists(connection, letter, "s.seq = ?")) {
                    later.add(letter.lane());
                } else {
                    delete(connection, letter);
                    opened.add(letter.lane());
                }
            } else if (letter.otherLane() != null && exists(connection, letter, "s.seq < ?")) {
                later.add(letter.lane());
            } else {
                ready.add(letter);
            }
        }
        release(connection, token, later, again);
        advance(connection, token, opened, now);
        return ready;
    }

    private static boolean exists(Connection connection, Waiting letter, String condition) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT 1 FROM delivery_sorted s CROSS JOIN delivery d
                WHERE s.lane = ? AND d.seq = s.seq AND d.lane = s.lane AND %s LIMIT 1""".formatted(condition))) {
            select.setLong(1, Optional.ofNullable(letter.otherLane()).orElseThrow());
            select.setLong(2, letter.seq());
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void delete(Connection connection, Waiting letter) throws SQLException {
        for (String table : List.of("delivery", "delivery_sorted")) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM " + table + " WHERE lane = ? AND seq = ?")) {
                delete.setLong(1, letter.lane());
                delete.setLong(2, letter.seq());
                delete.executeUpdate();
            }
        }
    }

    private static void dropEmpty(Connection connection, String token, Collection<Long> lanes) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM delivery_lane WHERE claim = ? AND last_seq = claimed_seq AND lane IN (" + list(lanes)
                        + ")")) {
            delete.setString(1, token);
            delete.executeUpdate();
        }
    }

    /** Gives some lanes of a claim back, which are then due at {@code due}. */
    void release(String token, Collection<Waiting> letters, long due) {
        if (!letters.isEmpty()) {
            List<Long> lanes = letters.stream().map(Waiting::lane).toList();
            database.inTransaction(connection -> {
                lock(connection, server, token);
                release(connection, token, lanes, due);
                return lanes.size();
            });
        }
    }

    private static void release(Connection connection, String token, Collection<Long> lanes, long due)
            throws SQLException {
        giveBack(connection, token, lanes, due, "");
    }

    /** Takes away those lanes of a claim that are empty now; the others are due at {@code due}, for their next letter. */
    static void advance(Connection connection, String token, Collection<Long> lanes, long due) throws SQLException {
        if (!lanes.isEmpty()) {
            dropEmpty(connection, token, lanes);
            giveBack(connection, token, lanes, due, ", failures = 0");
        }
    }

    private static void giveBack(Connection connection, String token, Collection<Long> lanes, long due, String besides)
            throws SQLException {
        if (lanes.isEmpty()) {
            return;
        }
        try (PreparedStatement update =
                connection.prepareStatement("""
                UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, due_at = ?, flow = COALESCE(%s, flow)%s
                WHERE claim = ? AND lane IN (%s)""".formatted(first("flow"), besides, list(lanes)))) {
            update.setLong(1, due);
            update.setString(2, token);
            update.executeUpdate();
        }
    }

    /**
     * Moves the end of a claim to {@code until}.
     *
     * @return whether there is such a claim
     */
    boolean prolong(String token, long until) {
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
     * Takes the rows of a claim's lanes in the order in which everybody takes them; tells which ones they are.
     *
     * @param server whether others may work on the database at the same time
     */
    static Set<Long> lock(Connection connection, boolean server, String token) throws SQLException {
        Set<Long> lanes = new HashSet<>();
        String lock = server ? " FOR UPDATE" : "";
        try (PreparedStatement select =
                connection.prepareStatement("SELECT lane FROM delivery_lane WHERE claim = ? ORDER BY lane" + lock)) {
            select.setString(1, token);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    lanes.add(row.getLong(1));
                }
            }
        }
        return lanes;
    }

    /** Ends the leases of every claim, whose couriers are lost: only for a database that no other process uses. */
    void expireAll(long now) {
        database.inTransaction(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE delivery_lane SET due_at = ? WHERE claim IS NOT NULL")) {
                update.setLong(1, now);
                return update.executeUpdate();
            }
        });
    }

    /** Numbers as they stand in SQL; nothing that anybody sent is among them. */
    private static String list(Collection<Long> lanes) {
        return lanes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
