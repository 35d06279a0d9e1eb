package io.sluice.delivery;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The counters of messages in each queue, kept with every change so that a million rows never have to be counted. */
final class QueueCounters {
    private QueueCounters() {}

    static long queued(Connection connection, int queue) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT queued FROM delivery_flow WHERE flow = ?")) {
            select.setInt(1, queue);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /** Adds to the counts of waiting messages and of dead letters, by queue; negative values are subtracted. */
    static void add(Connection connection, Map<Integer, Long> queued, Map<Integer, Long> dead) throws SQLException {
        TreeSet<Integer> queues = new TreeSet<>(queued.keySet());
        queues.addAll(new TreeMap<>(dead).keySet());
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE delivery_flow SET queued = queued + ?, dead = dead + ? WHERE flow = ?")) {
            for (int queue : queues) {
                update.setLong(1, queued.getOrDefault(queue, 0L));
                update.setLong(2, dead.getOrDefault(queue, 0L));
                update.setInt(3, queue);
                update.addBatch();
            }
            update.executeBatch();
        }
    }
}
