package io.sluice.delivery;

import io.sluice.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Looks at the queue. Thread-safe; costs the same however many letters wait. */
final class QueueView {
    private final Database database;

    QueueView(Database database) {
        this.database = database;
    }

    /** The flows that have letters waiting. */
    List<Courier.Flow> flows() {
        return database.inTransaction(connection -> {
            List<Courier.Flow> flows = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("""
                            SELECT flow, vendor, account, channel, team FROM delivery_flow f
                            WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.flow = f.flow)""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    flows.add(flow(row));
                }
            }
            return flows;
        });
    }

    private static Courier.Flow flow(ResultSet row) throws SQLException {
        return new Courier.Flow(
                row.getInt(1), new Channel(row.getString(2), row.getString(3), row.getString(4)), row.getString(5));
    }

    /** What a team has at a channel. */
    record State(Courier.Flow flow, long queued, long inFlight, long dead, OptionalLong oldestAcceptedAt) {}

    /** Every flow there ever was. */
    List<State> states() {
        return database.inTransaction(connection -> {
            List<State> states = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("""
                            SELECT f.flow, f.vendor, f.account, f.channel, f.team, f.queued, f.dead,
                                (SELECT accepted_at FROM delivery d WHERE d.flow = f.flow ORDER BY d.seq LIMIT 1)
                            FROM delivery_flow f ORDER BY f.flow""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long oldest = row.getLong(8);
                    OptionalLong oldestAt = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(oldest);
                    Courier.Flow flow = flow(row);
                    long inFlight = inFlight(connection, flow.number());
                    states.add(new State(flow, row.getLong(6) - inFlight, inFlight, row.getLong(7), oldestAt));
                }
            }
            return states;
        });
    }

    private static long inFlight(Connection connection, int flow) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT COUNT(*) FROM delivery_lane WHERE claim IS NOT NULL AND flow = ?")) {
            select.setInt(1, flow);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
