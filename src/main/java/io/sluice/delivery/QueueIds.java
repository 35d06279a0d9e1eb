package io.sluice.delivery;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
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
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT flow FROM delivery_flow WHERE vendor = ? AND account = ? AND channel = ? AND team = ?""")) {
            name(select, 1, key);
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    return row.getInt(1);
                }
            }
        }
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO delivery_flow (flow, vendor, account, channel, team, queued, dead)
                SELECT COALESCE(MAX(flow), 0) + 1, ?, ?, ?, ?, 0, 0 FROM delivery_flow RETURNING flow""")) {
            name(insert, 1, key);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static void name(PreparedStatement statement, int first, Key key) throws SQLException {
        statement.setString(first, key.destination().vendor());
        statement.setString(first + 1, key.destination().account());
        statement.setString(first + 2, key.destination().name());
        statement.setString(first + 3, key.team());
    }
}
