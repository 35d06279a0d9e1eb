package io.sluice.delivery;

import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeSet;

/** The counters of messages in each queue, kept with every change so that a million rows never have to be counted. */
final class QueueCounters {
    private QueueCounters() {}

    static long queued(Connection connection, int queue) throws SQLException {
        return new Sql("SELECT queued FROM delivery_flow WHERE flow = ?")
                .with(queue)
                .first(connection, row -> row.getLong("queued"))
                .orElse(0L);
    }

    /** Adds to the counts of waiting messages and of dead letters, by queue; negative values are subtracted. */
    static void add(Connection connection, Map<Integer, Long> queued, Map<Integer, Long> dead) throws SQLException {
        TreeSet<Integer> queues = new TreeSet<>(queued.keySet());
        queues.addAll(dead.keySet());
        try (Sql.Batch update =
                Sql.batch(connection, "UPDATE delivery_flow SET queued = queued + ?, dead = dead + ? WHERE flow = ?")) {
            for (int queue : queues) {
                update.add(queued.getOrDefault(queue, 0L), dead.getOrDefault(queue, 0L), queue);
            }
            update.execute();
        }
    }
}
