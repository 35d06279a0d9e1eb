package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.SqlDialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
        return database.inTransaction(
                connection -> new SettlementTransaction(connection, database.dialect(), token, now).all(settlements));
    }

    /** The work of one transaction. */
    private static final class SettlementTransaction {
        private final Connection connection;
        private final SqlDialect dialect;
        private final String token;
        private final long now;
        private final Map<Integer, Long> queued = new TreeMap<>();
        private final Map<Integer, Long> dead = new TreeMap<>();

        private SettlementTransaction(Connection connection, SqlDialect dialect, String token, long now) {
            this.connection = connection;
            this.dialect = dialect;
            this.token = token;
            this.now = now;
        }

        private int all(List<? extends Settlement> settlements) throws SQLException {
            Set<Long> ours = MessageClaimer.lock(connection, dialect, token);
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
            try (Sql.Batch update = Sql.batch(connection, """
                    UPDATE delivery_lane SET claim = NULL, claimed_seq = NULL, due_at = ?, failures = failures + ?
                    WHERE lane = ? AND claim = ?""")) {
                for (Settlement settlement : settlements) {
                    if (settlement instanceof Settlement.Requeue(ClaimedMessage message, long due, boolean failed)) {
                        update.add(due, failed, message.group(), token);
                    }
                }
                update.execute();
            }
        }

        private void delete(List<? extends Settlement> settlements) throws SQLException {
            try (Sql.Batch delete = Sql.batch(connection, "DELETE FROM delivery WHERE seq = ? AND lane = ?");
                    Sql.Batch leave =
                            Sql.batch(connection, "DELETE FROM delivery_sorted WHERE seq <= ? AND lane = ?")) {
                for (Settlement settlement : settlements) {
                    if (!(settlement instanceof Settlement.Requeue)) {
                        ClaimedMessage message = settlement.message();
                        delete.add(message.seq(), message.group());
                        leave.add(message.seq(), message.group());
                        queued.merge(message.queue(), -1L, Long::sum);
                    }
                }
                delete.execute();
                leave.execute();
            }
        }

        private void insertEnded(List<? extends Settlement> settlements) throws SQLException {
            try (Sql.Batch insert = Sql.batch(connection, """
                    INSERT INTO delivery_ended (id, position, flow, lane, other_lane, kind, operation, payload, state,
                        reason, attempts, accepted_at, ended_at, keep_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
                for (Settlement settlement : settlements) {
                    switch (settlement) {
                        case Settlement.Ack(ClaimedMessage message, long keepUntil) -> {
                            if (keepUntil > now) {
                                row(insert, message, null, keepUntil);
                            }
                        }
                        case Settlement.DeadLetter(ClaimedMessage message, String reason, long keepUntil) -> {
                            row(insert, message, reason, keepUntil);
                            dead.merge(message.queue(), 1L, Long::sum);
                        }
                        case Settlement.Requeue _ -> {}
                    }
                }
                insert.execute();
            }
        }

        /** Adds a row about a message that was delivered or, if there is a reason, is dead. */
        private void row(Sql.Batch insert, ClaimedMessage message, @Nullable String reason, long keepUntil)
                throws SQLException {
            boolean alive = reason == null;
            insert.add(
                    message.id(),
                    message.position(),
                    message.queue(),
                    message.group(),
                    message.secondGroup(),
                    message.kind(),
                    message.operation(),
                    alive ? null : message.payload(),
                    alive ? "delivered" : "dead",
                    reason,
                    message.failures() + 1,
                    message.acceptedAt(),
                    now,
                    keepUntil);
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
