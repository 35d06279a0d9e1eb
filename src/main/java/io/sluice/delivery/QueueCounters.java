package io.sluice.delivery;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Keeps each queue's counts of messages, so that nobody ever has to count a million rows. */
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

    /** Adds to the counts of waiting and of dead letters, by queue; what is negative is taken off. */
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
