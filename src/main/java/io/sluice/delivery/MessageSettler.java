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

/** Settles claimed messages: stores their outcomes, and releases their ordering groups. Thread-safe. */
final class MessageSettler {
    private final Database database;

    MessageSettler(Database database) {
        this.database = database;
    }

    /** The settlement of a claimed message: acknowledged, dead-lettered or requeued. */
    sealed interface Settlement {
        ClaimedMessage message();

        /** Delivered; purged at {@code keepUntil}, or at once if that is now. */
        record Ack(ClaimedMessage message, long keepUntil) implements Settlement {}

        /** A dead letter, kept until {@code keepUntil}. */
        record DeadLetter(ClaimedMessage message, String reason, long keepUntil) implements Settlement {}

        /** To be tried again, {@code failed} or not. */
        record Requeue(ClaimedMessage message, long due, boolean failed) implements Settlement {}
    }

    /**
     * Settles these messages and ends their claims. A message whose claim has passed to another worker is left as it
     * is.
     *
     * @return how many were still claimed
     */
    int settle(String token, List<? extends Settlement> settlements, long now) {
        boolean server = database.kind() == Database.Kind.POSTGRESQL;
        return database.inTransaction(
                connection -> new SettlementTransaction(connection, server, token, now).all(settlements));
    }

    /** The work of one transaction. */
    private static final class SettlementTransaction {
        private final Connection connection;
        private final boolean server;
        private final String token;
        private final long now;
        private final Map<Integer, Long> queued = new TreeMap<>();
        private final Map<Integer, Long> dead = new TreeMap<>();

        private SettlementTransaction(Connection connection, boolean server, String token, long now) {
            this.connection = connection;
            this.server = server;
            this.token = token;
            this.now = now;
        }

        private int all(List<? extends Settlement> settlements) throws SQLException {
            Set<Long> ours = MessageClaimer.lock(connection, server, token);
            List<? extends Settlement> valid = settlements.stream()
                    .filter(settlement -> ours.contains(settlement.message().group()))
                    .toList();
            requeue(valid);
            delete(valid);
            insertEnded(valid);
            release(valid);
            QueueCounters.add(connection, queued, dead);
            return valid.size();
        }

        private void requeue(List<? extends Settlement> settlements) throws SQLException {
            try (PreparedStatement update = connection.prepareStatement("""
                    UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, due_at = ?, failures = failures + ?
                    WHERE lane = ? AND claim = ?""")) {
                for (Settlement settlement : settlements) {
                    if (settlement instanceof Settlement.Requeue(ClaimedMessage message, long due, boolean failed)) {
                        update.setLong(1, due);
                        update.setInt(2, failed ? 1 : 0);
                        update.setLong(3, message.group());
                        update.setString(4, token);
                        update.addBatch();
                    }
                }
                update.executeBatch();
            }
        }

        private void delete(List<? extends Settlement> settlements) throws SQLException {
            try (PreparedStatement delete =
                            connection.prepareStatement("DELETE FROM delivery WHERE seq = ? AND lane = ?");
                    PreparedStatement leave =
                            connection.prepareStatement("DELETE FROM delivery_sorted WHERE seq <= ? AND lane = ?")) {
                for (Settlement settlement : settlements) {
                    if (!(settlement instanceof Settlement.Requeue)) {
                        for (PreparedStatement each : List.of(delete, leave)) {
                            each.setLong(1, settlement.message().seq());
                            each.setLong(2, settlement.message().group());
                            each.addBatch();
                        }
                        queued.merge(settlement.message().queue(), -1L, Long::sum);
                    }
                }
                delete.executeBatch();
                leave.executeBatch();
            }
        }

        private void insertEnded(List<? extends Settlement> settlements) throws SQLException {
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO delivery_ended (id, position, flow, lane, other_lane, kind, operation, payload, state,
                        reason, attempts, accepted_at, ended_at, keep_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
                for (Settlement settlement : settlements) {
                    switch (settlement) {
                        case Settlement.Ack(ClaimedMessage message, long keepUntil) -> {
                            if (keepUntil > now) {
                                row(insert, message, Optional.empty(), keepUntil);
                            }
                        }
                        case Settlement.DeadLetter(ClaimedMessage message, String reason, long keepUntil) -> {
                            row(insert, message, Optional.of(reason), keepUntil);
                            dead.merge(message.queue(), 1L, Long::sum);
                        }
                        case Settlement.Requeue _ -> {}
                    }
                }
                insert.executeBatch();
            }
        }

        private void row(PreparedStatement insert, ClaimedMessage message, Optional<String> reason, long keepUntil)
                throws SQLException {
            boolean alive = reason.isEmpty();
            insert.setString(1, message.id());
            insert.setInt(2, message.position());
            insert.setInt(3, message.queue());
            insert.setLong(4, message.group());
            if (message.secondGroup() == null) {
                insert.setNull(5, Types.BIGINT);
            } else {
                insert.setLong(5, message.secondGroup());
            }
            insert.setString(6, message.kind());
            insert.setString(7, message.operation());
            insert.setString(8, alive ? null : message.payload());
            insert.setString(9, alive ? "delivered" : "dead");
            insert.setString(10, reason.orElse(null));
            insert.setInt(11, message.failures() + 1);
            insert.setLong(12, message.acceptedAt());
            insert.setLong(13, now);
            insert.setLong(14, keepUntil);
            insert.addBatch();
        }

        /**
         * Deletes the ordering groups that are empty now, and makes the others due. Waits for a transaction that is
         * indexing.
         */
        private void release(List<? extends Settlement> settlements) throws SQLException {
            List<Long> groups = settlements.stream()
                    .filter(settlement -> !(settlement instanceof Settlement.Requeue))
                    .map(settlement -> settlement.message().group())
                    .toList();
            MessageClaimer.advance(connection, token, groups, now);
        }
    }
}
