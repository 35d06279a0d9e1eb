package io.sluice.delivery;

import io.sluice.AccountId;
import io.sluice.FailureLog;
import io.sluice.PeriodicTask;
import io.sluice.budget.Timer;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.StoreUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The modes of the accounts whose deliveries are paused or drained. Stored in the database, so that they outlive a
 * restart and are the same in every process; a change by another process is seen at the next refresh. Thread-safe.
 */
final class Modes {
    private static final Logger LOG = Logger.getLogger(Modes.class);
    private static final String NAME = "poll of paused deliveries";

    private final FailureLog failures = new FailureLog(LOG);

    private final Database database;
    private final PeriodicTask refreshes;

    private volatile @Nullable Map<AccountId, Mode> known;

    Modes(Database database, Timer timer, Executor threads, Duration tick) {
        this.database = database;
        this.refreshes = new PeriodicTask(tick, timer, threads, this::refresh);
    }

    /** Refreshes the modes at every tick, until {@link #halt}. Never waits. */
    void start() {
        refreshes.start(Duration.ZERO);
    }

    void halt() {
        refreshes.stop();
    }

    /** The mode of the destination's account, as of the last refresh. Never waits. */
    Mode of(Destination destination) {
        return of(destination.account());
    }

    /** The mode of an account, as of the last refresh. Never waits. */
    Mode of(AccountId account) {
        Map<AccountId, Mode> modes = known;
        return modes == null ? Mode.RUNNING : modes.getOrDefault(account, Mode.RUNNING);
    }

    /**
     * True if the destination's account may be delivered to; false before the modes have been read once. Never waits.
     */
    boolean isDelivering(Destination destination) {
        return known != null && of(destination) != Mode.PAUSED;
    }

    /** Sets the mode of an account; waits for the store. */
    void set(AccountId account, Mode mode) {
        database.inTransaction(connection -> {
            if (mode == Mode.RUNNING) {
                return new Sql("DELETE FROM delivery_mode WHERE vendor = ? AND account = ?")
                        .with(account)
                        .update(connection);
            }
            return new Sql("""
                    INSERT INTO delivery_mode (vendor, account, mode) VALUES (?, ?, ?)
                    ON CONFLICT (vendor, account) DO UPDATE SET mode = excluded.mode""")
                    .with(account, mode.name().toLowerCase(Locale.ROOT))
                    .update(connection);
        });
        read();
    }

    /** Reads the modes from the database; one read at a time, so that no result replaces a later one. */
    synchronized void read() {
        known = database
                .inTransaction(connection -> new Sql("SELECT vendor, account, mode FROM delivery_mode")
                        .list(connection, row -> Map.entry(Sql.accountId(row), mode(row))))
                .stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * The mode of a row. One of a newer version counts as paused: an admin has changed how this account is delivered to,
     * and the others are delivered to as usual.
     */
    private static Mode mode(ResultSet row) throws SQLException {
        String stored = row.getString("mode").toUpperCase(Locale.ROOT);
        return Arrays.stream(Mode.values())
                .filter(mode -> mode.name().equals(stored))
                .findFirst()
                .orElse(Mode.PAUSED);
    }

    private boolean refresh() {
        try {
            read();
            failures.succeeded(NAME);
        } catch (StoreUnavailableException e) {
            LOG.debugf("%s failed: %s", NAME, e.getMessage());
        } catch (RuntimeException e) {
            failures.failed(NAME, () -> String.valueOf(e.getMessage()), e);
        }
        return true;
    }
}
