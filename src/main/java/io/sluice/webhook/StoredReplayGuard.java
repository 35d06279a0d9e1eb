package io.sluice.webhook;

import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.store.Database;
import io.sluice.store.Retention;
import io.sluice.store.Sql;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;

/** The replay guard of all processes: it is in the database, so that a restart forgets no message. Thread-safe. */
@Singleton
public class StoredReplayGuard implements WebhookReplayGuard {
    private final Database database;
    private final InstantSource clock;
    private final Duration keptFor;

    StoredReplayGuard(Database database, InstantSource clock, WebhooksConfig config) {
        InvalidConfigException.check(
                config.replayRetention().compareTo(config.tolerance()) >= 0,
                "sluice.webhooks.replay-retention",
                () -> "must not be shorter than sluice.webhooks.tolerance, " + config.tolerance() + ": "
                        + config.replayRetention());
        this.database = database;
        this.clock = clock;
        this.keptFor = config.replayRetention();
    }

    /** The retention of its table. */
    @Produces
    @Singleton
    Retention retention() {
        return Retention.byRow(database, "webhook_message", "vendor, account, message_id");
    }

    @Override
    public boolean isFirst(AccountId account, String id) {
        long now = clock.millis();
        return database.inTransaction(connection ->
                new Sql("""
                INSERT INTO webhook_message (vendor, account, message_id, keep_until)
                VALUES (?, ?, ?, ?) ON CONFLICT (vendor, account, message_id)
                DO UPDATE SET keep_until = EXCLUDED.keep_until WHERE webhook_message.keep_until <= ?""").with(account, id, now + keptFor.toMillis(), now).update(connection) == 1);
    }

    @Override
    public void forget(AccountId account, String id) {
        database.inTransaction(
                connection -> new Sql("DELETE FROM webhook_message WHERE vendor = ? AND account = ? AND message_id = ?")
                        .with(account, id)
                        .update(connection));
    }
}
