package io.sluice.delivery;

import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The registry of queue numbers: finds the number of each queue, and assigns one to a new queue. Thread-safe. */
final class QueueIds {
    private final Map<Key, Integer> known = new ConcurrentHashMap<>();

    private record Key(Destination destination, String team) {}

    /** One transaction's view: queues that it adds become visible to others once it has committed. */
    final class View {
        private final Connection connection;
        private final Map<Key, Integer> found = new HashMap<>();

        private View(Connection connection) {
            this.connection = connection;
        }

        int of(Destination destination, String team) throws SQLException {
            Key key = new Key(destination, team);
            Integer queue = known.get(key);
            if (queue == null) {
                queue = found.get(key);
            }
            if (queue == null) {
                queue = find(connection, key);
                found.put(key, queue);
            }
            return queue;
        }

        void committed() {
            known.putAll(found);
        }
    }

    /** To be used while the counter's row is locked, which keeps other transactions from adding the same queue. */
    View in(Connection connection) {
        return new View(connection);
    }

    private static int find(Connection connection, Key key) throws SQLException {
        Destination destination = key.destination();
        Optional<Integer> queue = new Sql("""
                SELECT flow FROM delivery_flow WHERE vendor = ? AND account = ? AND channel = ? AND team = ?""")
                .with(destination.account(), destination.name(), key.team())
                .first(connection, row -> row.getInt("flow"));
        if (queue.isPresent()) {
            return queue.get();
        }
        return new Sql("""
                INSERT INTO delivery_flow (flow, vendor, account, channel, team, queued, dead)
                SELECT COALESCE(MAX(flow), 0) + 1, ?, ?, ?, ?, 0, 0 FROM delivery_flow RETURNING flow""")
                .with(destination.account(), destination.name(), key.team())
                .one(connection, row -> row.getInt("flow"));
    }
}
