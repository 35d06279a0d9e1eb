package io.sluice.delivery;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Writes down what became of claimed letters, and gives their lanes back. Thread-safe. */
final class FinishLetters {
    private final Database database;

    FinishLetters(Database database) {
        this.database = database;
    }

    /** The end of a letter's claim. */
    sealed interface End {
        Waiting letter();

        /** Delivered; forgotten at {@code keepUntil}, or at once if that is now. */
        record Gone(Waiting letter, long keepUntil) implements End {}

        /** Dead, and kept until {@code keepUntil}. */
        record Dead(Waiting letter, String reason, long keepUntil) implements End {}

        /** To be tried again, {@code failed} or not. */
        record Later(Waiting letter, long due, boolean failed) implements End {}
    }

    /**
     * Ends the claims of these letters. Of one whose lease has passed to somebody else nothing is written.
     *
     * @return how many were still claimed
     */
    int finish(String token, List<? extends End> ends, long now) {
        boolean server = database.kind() == Database.Kind.POSTGRESQL;
        return database.inTransaction(connection -> new Finishing(connection, server, token, now).all(ends));
    }

    /** Works in one transaction. */
    private static final class Finishing {
        private final Connection connection;
        private final boolean server;
        private final String token;
        private final long now;
        private final Map<Integer, Long> queued = new TreeMap<>();
        private final Map<Integer, Long> dead = new TreeMap<>();

        private Finishing(Connection connection, boolean server, String token, long now) {
            this.connection = connection;
            this.server = server;
            this.token = token;
            this.now = now;
        }

        private int all(List<? extends End> ends) throws SQLException {
            Set<Long> ours = ClaimLetters.lock(connection, server, token);
            List<? extends End> valid = ends.stream()
                    .filter(end -> ours.contains(end.letter().lane()))
                    .toList();
            postpone(valid);
            delete(valid);
            remember(valid);
            giveBack(valid);
            FlowCounts.add(connection, queued, dead);
            return valid.size();
        }

        private void postpone(List<? extends End> ends) throws SQLException {
            try (PreparedStatement update = connection.prepareStatement("""
                    UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, due_at = ?, failures = failures + ?
                    WHERE lane = ? AND claim = ?""")) {
                for (End end : ends) {
                    if (end instanceof End.Later(Waiting letter, long due, boolean failed)) {
                        update.setLong(1, due);
                        update.setInt(2, failed ? 1 : 0);
                        update.setLong(3, letter.lane());
                        update.setString(4, token);
                        update.addBatch();
                    }
                }
                update.executeBatch();
            }
        }

        private void delete(List<? extends End> ends) throws SQLException {
            try (PreparedStatement delete =
                            connection.prepareStatement("DELETE FROM delivery WHERE seq = ? AND lane = ?");
                    PreparedStatement leave =
                            connection.prepareStatement("DELETE FROM delivery_sorted WHERE seq <= ? AND lane = ?")) {
                for (End end : ends) {
                    if (!(end instanceof End.Later)) {
                        for (PreparedStatement each : List.of(delete, leave)) {
                            each.setLong(1, end.letter().seq());
                            each.setLong(2, end.letter().lane());
                            each.addBatch();
                        }
                        queued.merge(end.letter().flow(), -1L, Long::sum);
                    }
                }
                delete.executeBatch();
                leave.executeBatch();
            }
        }

        private void remember(List<? extends End> ends) throws SQLException {
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO delivery_ended (id, position, flow, lane, other_lane, kind, operation, payload, state,
                        reason, attempts, accepted_at, ended_at, keep_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
                for (End end : ends) {
                    switch (end) {
                        case End.Gone(Waiting letter, long keepUntil) -> {
                            if (keepUntil > now) {
                                row(insert, letter, Optional.empty(), keepUntil);
                            }
                        }
                        case End.Dead(Waiting letter, String reason, long keepUntil) -> {
                            row(insert, letter, Optional.of(reason), keepUntil);
                            dead.merge(letter.flow(), 1L, Long::sum);
                        }
                        case End.Later _ -> {}
                    }
                }
                insert.executeBatch();
            }
        }

        private void row(PreparedStatement insert, Waiting letter, Optional<String> reason, long keepUntil)
                throws SQLException {
            boolean alive = reason.isEmpty();
            insert.setString(1, letter.id());
            insert.setInt(2, letter.position());
            insert.setInt(3, letter.flow());
            insert.setLong(4, letter.lane());
            if (letter.otherLane() == null) {
                insert.setNull(5, Types.BIGINT);
            } else {
                insert.setLong(5, letter.otherLane());
            }
            insert.setString(6, letter.kind());
            insert.setString(7, letter.operation());
            insert.setString(8, alive ? null : letter.payload());
            insert.setString(9, alive ? "delivered" : "dead");
            insert.setString(10, reason.orElse(null));
            insert.setInt(11, letter.failures() + 1);
            insert.setLong(12, letter.acceptedAt());
            insert.setLong(13, now);
            insert.setLong(14, keepUntil);
            insert.addBatch();
        }

        /** Takes away the lanes that are empty now, and makes the others due. Whoever sorts meanwhile is waited for. */
        private void giveBack(List<? extends End> ends) throws SQLException {
            List<Long> lanes = ends.stream()
                    .filter(end -> !(end instanceof End.Later))
                    .map(end -> end.letter().lane())
                    .toList();
            ClaimLetters.advance(connection, token, lanes, now);
        }
    }
}
