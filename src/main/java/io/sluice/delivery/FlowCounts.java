package io.sluice.delivery;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Keeps each flow's counts of letters, so that nobody ever has to count a million rows. */
final class FlowCounts {
    private FlowCounts() {}

    static long queued(Connection connection, int flow) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT queued FROM delivery_flow WHERE flow = ?")) {
            select.setInt(1, flow);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /** Adds to the counts of waiting and of dead letters, by flow; what is negative is taken off. */
    static void add(Connection connection, Map<Integer, Long> queued, Map<Integer, Long> dead) throws SQLException {
        TreeSet<Integer> flows = new TreeSet<>(queued.keySet());
        flows.addAll(new TreeMap<>(dead).keySet());
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE delivery_flow SET queued = queued + ?, dead = dead + ? WHERE flow = ?")) {
            for (int flow : flows) {
                update.setLong(1, queued.getOrDefault(flow, 0L));
                update.setLong(2, dead.getOrDefault(flow, 0L));
                update.setInt(3, flow);
                update.addBatch();
            }
            update.executeBatch();
        }
    }
}
