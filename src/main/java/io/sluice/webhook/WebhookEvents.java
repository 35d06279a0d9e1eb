package io.sluice.webhook;

import io.sluice.store.Database;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The store of webhook events, each kept once, for readers that keep their own cursors. Thread-safe. */
@Singleton
public class WebhookEvents {
    private final Database database;
    private final InstantSource clock;

    WebhookEvents(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** An event and its cursor among those of its account. */
    public record Event(long place, Instant receivedAt, String body) {}

    /**
     * Stores an event, durably, unless it is stored already. Waits for the disk.
     *
     * @param body JSON on one line
     */
    public void store(String vendor, String account, String eventId, String body, Duration retention) {
        long now = clock.millis();
        database.inTransaction(connection -> {
            forget(connection, now);
            long seq = next(connection);
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO webhook_event (vendor, account, seq, event_id, body, received_at, keep_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (vendor, account, event_id) DO NOTHING""")) {
                insert.setString(1, vendor);
                insert.setString(2, account);
                insert.setLong(3, seq);
                insert.setString(4, eventId);
                insert.setString(5, body);
                insert.setLong(6, now);
                insert.setLong(7, now + retention.toMillis());
                return insert.executeUpdate();
            }
        });
    }

    /** Returns events after a cursor, in the order they came. Waits for the store. */
    public List<Event> after(String vendor, String account, long place, int most) {
        return database.inTransaction(connection -> {
            List<Event> events = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("""
                    SELECT seq, received_at, body FROM webhook_event
                    WHERE vendor = ? AND account = ? AND seq > ? ORDER BY seq LIMIT ?""")) {
                select.setString(1, vendor);
                select.setString(2, account);
                select.setLong(3, place);
                select.setInt(4, most);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        events.add(new Event(row.getLong(1), Instant.ofEpochMilli(row.getLong(2)), row.getString(3)));
                    }
                }
            }
            return events;
        });
    }

    private static long next(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                        "UPDATE webhook_counter SET value = value + 1 WHERE name = 'events' RETURNING value");
                ResultSet row = update.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void forget(Connection connection, long now) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM webhook_event WHERE keep_until <= ?")) {
            delete.setLong(1, now);
            delete.executeUpdate();
        }
    }
}
