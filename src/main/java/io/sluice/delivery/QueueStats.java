package io.sluice.delivery;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
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
        return database.inTransaction(connection -> new Sql("""
                        SELECT flow, vendor, account, channel, team FROM delivery_flow f
                        WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.flow = f.flow)""").list(connection, QueueStats::queue));
    }

    private static DeliveryWorker.QueueId queue(ResultSet row) throws SQLException {
        return new DeliveryWorker.QueueId(
                row.getInt("flow"),
                new Destination(Sql.accountId(row), row.getString("channel")),
                row.getString("team"));
    }

    /** The state of a team's queue at a destination. */
    record QueueState(
            DeliveryWorker.QueueId queue, long queued, long inFlight, long dead, OptionalLong oldestAcceptedAt) {}

    /** Every queue that was ever used. */
    List<QueueState> states() {
        return database.inTransaction(connection -> new Sql("""
                        SELECT f.flow, f.vendor, f.account, f.channel, f.team, f.queued, f.dead,
                            (SELECT accepted_at FROM delivery d WHERE d.flow = f.flow ORDER BY d.seq LIMIT 1) AS oldest
                        FROM delivery_flow f ORDER BY f.flow""").list(connection, row -> state(connection, row)));
    }

    private static QueueState state(Connection connection, ResultSet row) throws SQLException {
        DeliveryWorker.QueueId queue = queue(row);
        Long oldest = Sql.number(row, "oldest");
        long queued = row.getLong("queued");
        long dead = row.getLong("dead");
        long inFlight = inFlight(connection, queue.number());
        return new QueueState(
                queue,
                queued - inFlight,
                inFlight,
                dead,
                oldest == null ? OptionalLong.empty() : OptionalLong.of(oldest));
    }

    private static long inFlight(Connection connection, int queue) throws SQLException {
        return new Sql("SELECT COUNT(*) AS claimed FROM delivery_lane WHERE claim IS NOT NULL AND flow = ?")
                .with(queue)
                .one(connection, row -> row.getLong("claimed"));
    }
}
