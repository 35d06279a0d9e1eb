package io.sluice.webhook;

import io.sluice.AccountId;
import io.sluice.store.Database;
import io.sluice.store.Retention;
import io.sluice.store.Sql;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

    /** The retention of its table. */
    @Produces
    @Singleton
    Retention retention() {
        return Retention.byRow(database, "webhook_event", "vendor, account, seq");
    }

    /**
     * Stores an event, durably, unless it is stored already. Waits for the disk.
     *
     * @param body JSON on one line
     */
    public void store(AccountId account, String eventId, String body, Duration retention) {
        long now = clock.millis();
        database.inTransaction(connection -> {
            long seq = next(connection);
            return new Sql("""
                    INSERT INTO webhook_event (vendor, account, seq, event_id, body, received_at, keep_until)
                    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (vendor, account, event_id) DO NOTHING""")
                    .with(account, seq, eventId, body, now, now + retention.toMillis())
                    .update(connection);
        });
    }

    /** Returns events after a cursor, in the order they came. Waits for the store. */
    public List<Event> after(AccountId account, long place, int most) {
        return database.inTransaction(connection -> new Sql("""
                SELECT seq, received_at, body FROM webhook_event
                WHERE vendor = ? AND account = ? AND seq > ? ORDER BY seq LIMIT ?""")
                .with(account, place, most)
                .list(
                        connection,
                        row -> new Event(
                                row.getLong("seq"),
                                Instant.ofEpochMilli(row.getLong("received_at")),
                                row.getString("body"))));
    }

    private static long next(Connection connection) throws SQLException {
        return new Sql("UPDATE webhook_counter SET value = value + 1 WHERE name = 'events' RETURNING value")
                .one(connection, row -> row.getLong("value"));
    }
}
