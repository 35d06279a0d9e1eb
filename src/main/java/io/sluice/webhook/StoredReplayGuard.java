package io.sluice.webhook;

import io.sluice.InvalidConfigException;
import io.sluice.store.Database;
import jakarta.inject.Singleton;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.InstantSource;

/** The replay guard of all processes: it is in the database, so that a restart forgets no message. Thread-safe. */
@Singleton
public class StoredReplayGuard implements WebhookReplayGuard {
    private final Database database;
    private final InstantSource clock;
    private final Duration retention;

    StoredReplayGuard(Database database, InstantSource clock, WebhooksConfig config) {
        InvalidConfigException.check(
                config.replayRetention().compareTo(config.tolerance()) >= 0,
                "sluice.webhooks.replay-retention",
                () -> "must not be shorter than sluice.webhooks.tolerance, " + config.tolerance() + ": "
                        + config.replayRetention());
        this.database = database;
        this.clock = clock;
        this.retention = config.replayRetention();
    }

    @Override
    public boolean isFirst(String vendor, String account, String id) {
        long now = clock.millis();
        return database.inTransaction(connection -> {
            try (PreparedStatement purge =
                    connection.prepareStatement("DELETE FROM webhook_message WHERE keep_until <= ?")) {
                purge.setLong(1, now);
                purge.executeUpdate();
            }
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO webhook_message (vendor, account, message_id, keep_until)
                    VALUES (?, ?, ?, ?) ON CONFLICT (vendor, account, message_id) DO NOTHING""")) {
                insert.setString(1, vendor);
                insert.setString(2, account);
                insert.setString(3, id);
                insert.setLong(4, now + retention.toMillis());
                return insert.executeUpdate() == 1;
            }
        });
    }

    @Override
    public void forget(String vendor, String account, String id) {
        database.inTransaction(connection -> {
            try (PreparedStatement delete = connection.prepareStatement(
                    "DELETE FROM webhook_message WHERE vendor = ? AND account = ? AND message_id = ?")) {
                delete.setString(1, vendor);
                delete.setString(2, account);
                delete.setString(3, id);
                return delete.executeUpdate();
            }
        });
    }
}
