package io.sluice.delivery;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Statistics of the queues. Thread-safe; costs the same however many messages wait. */
final class QueueStats {
    private final Database database;

    QueueStats(Database database) {
        this.database = database;
    }

    /** The queues that have messages waiting. */
    List<DeliveryWorker.QueueId> queues() {
        return database.inTransaction(connection -> {
            List<DeliveryWorker.QueueId> queues = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("""
                            SELECT flow, vendor, account, channel, team FROM delivery_flow f
                            WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.flow = f.flow)""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    queues.add(queue(row));
                }
            }
            return queues;
        });
    }

    private static DeliveryWorker.QueueId queue(ResultSet row) throws SQLException {
        return new DeliveryWorker.QueueId(
                row.getInt(1), new Destination(row.getString(2), row.getString(3), row.getString(4)), row.getString(5));
    }

    /** The state of a team's queue at a destination. */
    record QueueState(
            DeliveryWorker.QueueId queue, long queued, long inFlight, long dead, OptionalLong oldestAcceptedAt) {}

    /** Every queue that was ever used. */
    List<QueueState> states() {
        return database.inTransaction(connection -> {
            List<QueueState> states = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("""
                            SELECT f.flow, f.vendor, f.account, f.channel, f.team, f.queued, f.dead,
                                (SELECT accepted_at FROM delivery d WHERE d.flow = f.flow ORDER BY d.seq LIMIT 1)
                            FROM delivery_flow f ORDER BY f.flow""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long oldest = row.getLong(8);
                    OptionalLong oldestAt = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(oldest);
                    DeliveryWorker.QueueId queue = queue(row);
                    long inFlight = inFlight(connection, queue.number());
                    states.add(new QueueState(queue, row.getLong(6) - inFlight, inFlight, row.getLong(7), oldestAt));
                }
            }
            return states;
        });
    }

    private static long inFlight(Connection connection, int queue) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT COUNT(*) FROM delivery_lane WHERE claim IS NOT NULL AND flow = ?")) {
            select.setInt(1, queue);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
