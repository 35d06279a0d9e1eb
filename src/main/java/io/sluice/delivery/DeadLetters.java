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

/** Finds, replays and removes accepted calls and their letters. Thread-safe. */
final class DeadLetters {
    private static final String ENDED = """
            SELECT e.id, e.position, e.flow, e.operation, e.state, e.reason, e.attempts, e.accepted_at, e.ended_at,
                e.payload, e.lane, e.other_lane, e.kind, f.vendor, f.account, f.team, f.channel
            FROM delivery_ended e JOIN delivery_flow f ON f.flow = e.flow""";
    private static final String WAITING = """
            SELECT d.id, d.position, d.flow, d.operation, 'queued', NULL, 0, d.accepted_at, 0,
                d.payload, d.lane, d.other_lane, d.kind, f.vendor, f.account, f.team, f.channel
            FROM delivery d JOIN delivery_flow f ON f.flow = d.flow""";

    private final Database database;

    DeadLetters(Database database) {
        this.database = database;
    }

    /** A letter, waiting or ended. */
    record Found(
            String id,
            int position,
            int flow,
            String operation,
            String state,
            @Nullable String reason,
            int attempts,
            long acceptedAt,
            long endedAt,
            @Nullable String payload,
            long lane,
            @Nullable Long otherLane,
            String kind,
            Channel channel,
            String team) {}

    /** All letters of an accepted call that are still known, by position. */
    List<Found> of(String id) {
        return database.inTransaction(connection -> {
            List<Found> found = select(connection, ENDED + " WHERE e.id = ?", id);
            found.addAll(select(connection, WAITING + " WHERE d.id = ? AND d.kind <> 'gate'", id));
            found.sort(Comparator.comparingInt(Found::position));
            return found;
        });
    }

    /**
     * Dead letters of some flows, the oldest call first.
     *
     * @param after the place to go on from, as id and position
     */
    List<Found> dead(List<Integer> flows, String after, int afterPosition, int most) {
        if (flows.isEmpty()) {
            return List.of();
        }
        return database.inTransaction(connection -> select(
                connection,
                ENDED + " WHERE e.state = 'dead' AND (e.id > ? OR (e.id = ? AND e.position > " + afterPosition
                        + ")) AND e.flow IN ("
                        + flows.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")"
                        + " ORDER BY e.id, e.position LIMIT " + most,
                after,
                after));
    }

    /**
     * Puts dead letters back at the end of their lanes, as new ones that expire at {@code expiresAt}.
     *
     * @return how many were dead
     */
    int replay(List<Found> letters, long now, long expiresAt) {
        return database.inTransaction(connection -> {
            AcceptLetters.Storing storing =
                    new AcceptLetters.Storing(connection, new FlowIds().in(connection), Long.MAX_VALUE);
            long next = AcceptLetters.take(connection, letters.size());
            int replayed = 0;
            Map<Integer, Long> dead = new TreeMap<>();
            try (PreparedStatement insert = AcceptLetters.Storing.insert(connection)) {
                for (Found letter : letters) {
                    if (remove(connection, letter)) {
                        storing.add(insert, again(letter, next++, now, expiresAt));
                        dead.merge(letter.flow(), -1L, Long::sum);
                        replayed++;
                    }
                }
                insert.executeBatch();
            }
            storing.count();
            FlowCounts.add(connection, Map.of(), dead);
            return replayed;
        });
    }

    private static Waiting again(Found letter, long seq, long now, long expiresAt) {
        return new Waiting(
                letter.lane(),
                seq,
                letter.flow(),
                letter.id(),
                letter.position(),
                letter.kind(),
                letter.operation(),
                Optional.ofNullable(letter.payload()).orElseThrow(),
                now,
                expiresAt,
                0,
                false,
                letter.otherLane());
    }

    /** Removes dead letters; tells how many there were. */
    int delete(List<Found> letters) {
        return database.inTransaction(connection -> {
            Map<Integer, Long> dead = new TreeMap<>();
            int deleted = 0;
            for (Found letter : letters) {
                if (remove(connection, letter)) {
                    dead.merge(letter.flow(), -1L, Long::sum);
                    deleted++;
                }
            }
            FlowCounts.add(connection, Map.of(), dead);
            return deleted;
        });
    }

    /**
     * Takes back letters that wait, unless a courier has one of them.
     *
     * @return how many were taken back
     */
    int cancel(List<Found> letters) {
        return database.inTransaction(connection -> {
            Map<Integer, Long> queued = new TreeMap<>();
            int cancelled = 0;
            // Nobody sorts meanwhile, so a lane that is empty now stays so.
            SortLetters.hold(connection);
            try (PreparedStatement delete = connection.prepareStatement("""
                            DELETE FROM delivery WHERE lane = ? AND id = ? AND position = ? AND kind <> 'gate'
                                AND NOT EXISTS (SELECT 1 FROM delivery_lane l
                                    WHERE l.lane = delivery.lane AND l.claim IS NOT NULL AND l.claimed_seq = delivery.seq)
                            RETURNING seq""")) {
                for (Found letter : letters) {
                    lock(connection, letter.lane());
                    delete.setLong(1, letter.lane());
                    delete.setString(2, letter.id());
                    delete.setInt(3, letter.position());
                    try (ResultSet row = delete.executeQuery()) {
                        if (row.next()) {
                            queued.merge(letter.flow(), -1L, Long::sum);
                            leave(connection, letter.lane(), row.getLong(1));
                            cancelled++;
                        }
                    }
                }
            }
            FlowCounts.add(connection, queued, Map.of());
            return cancelled;
        });
    }

    /** Keeps couriers from claiming the lane until the end of the transaction. */
    private static void lock(Connection connection, long lane) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE delivery_lane SET failures = failures WHERE lane = ?")) {
            update.setLong(1, lane);
            update.executeUpdate();
        }
    }

    /** Takes a letter out of its lane, which is then its next letter's, and an empty lane away. */
    private static void leave(Connection connection, long lane, long seq) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM delivery_sorted WHERE lane = ? AND seq = ?")) {
            delete.setLong(1, lane);
            delete.setLong(2, seq);
            delete.executeUpdate();
        }
        try (PreparedStatement delete = connection.prepareStatement("""
                DELETE FROM delivery_lane WHERE lane = ?
                    AND NOT EXISTS (SELECT 1 FROM delivery_sorted s WHERE s.lane = delivery_lane.lane)""")) {
            delete.setLong(1, lane);
            delete.executeUpdate();
        }
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE delivery_lane SET
                    last_seq = (SELECT MAX(seq) FROM delivery_sorted s WHERE s.lane = delivery_lane.lane),
                    flow = COALESCE(%1$s, flow), failures = CASE WHEN %2$s > ? THEN 0 ELSE failures END,
                    due_at = CASE WHEN claim IS NULL AND %2$s > ? THEN %3$s ELSE due_at END
                WHERE lane = ?""".formatted(
                        ClaimLetters.first("flow"), ClaimLetters.first("seq"), ClaimLetters.first("accepted_at")))) {
            update.setLong(1, seq);
            update.setLong(2, seq);
            update.setLong(3, lane);
            update.executeUpdate();
        }
    }

    /** Forgets what has been kept long enough, at most {@code most} letters; tells how many. */
    int forget(long now, int most) {
        return database.inTransaction(connection -> {
            Map<Integer, Long> dead = new TreeMap<>();
            int forgotten = 0;
            // What is counted is what this one has deleted: others forget at the same time.
            try (PreparedStatement delete = connection.prepareStatement("""
                    DELETE FROM delivery_ended WHERE (id, position) IN
                        (SELECT id, position FROM delivery_ended WHERE keep_until <= ? LIMIT ?)
                    RETURNING flow, state""")) {
                delete.setLong(1, now);
                delete.setInt(2, most);
                try (ResultSet row = delete.executeQuery()) {
                    while (row.next()) {
                        forgotten++;
                        if (row.getString(2).equals("dead")) {
                            dead.merge(row.getInt(1), -1L, Long::sum);
                        }
                    }
                }
            }
            FlowCounts.add(connection, Map.of(), dead);
            return forgotten;
        });
    }

    private static boolean remove(Connection connection, Found letter) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM delivery_ended WHERE id = ? AND position = ? AND state = 'dead'")) {
            delete.setString(1, letter.id());
            delete.setInt(2, letter.position());
            return delete.executeUpdate() == 1;
        }
    }

    private static List<Found> select(Connection connection, String sql, String... parameters) throws SQLException {
        List<Found> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long other = row.getLong(12);
                    Long otherLane = row.wasNull() ? null : other;
                    found.add(new Found(
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
                            otherLane,
                            row.getString(13),
                            new Channel(row.getString(14), row.getString(15), row.getString(17)),
                            row.getString(16)));
                }
            }
        }
        return found;
    }
}
