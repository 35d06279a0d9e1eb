package io.sluice.delivery;

import io.sluice.FailureLog;
import io.sluice.budget.Timer;
import io.sluice.store.Database;
import io.sluice.store.StoreUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
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
    private final Timer timer;
    private final Executor threads;
    private final Duration tick;

    private volatile @Nullable Map<Account, Mode> known;
    private volatile boolean stopped;

    Modes(Database database, Timer timer, Executor threads, Duration tick) {
        this.database = database;
        this.timer = timer;
        this.threads = threads;
        this.tick = tick;
    }

    private record Account(String vendor, String account) {}

    /** Refreshes the modes at every tick, until {@link #halt}. Never waits. */
    void start() {
        threads.execute(this::refresh);
    }

    void halt() {
        stopped = true;
    }

    /** The mode of the destination's account, as of the last refresh. Never waits. */
    Mode of(Destination destination) {
        Map<Account, Mode> modes = known;
        return modes == null
                ? Mode.RUNNING
                : modes.getOrDefault(new Account(destination.vendor(), destination.account()), Mode.RUNNING);
    }

    /**
     * True if the destination's account may be delivered to; false before the modes have been read once. Never waits.
     */
    boolean isDelivering(Destination destination) {
        return known != null && of(destination) != Mode.PAUSED;
    }

    /** Sets the mode of an account; waits for the store. */
    void set(String vendor, String account, Mode mode) {
        database.inTransaction(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM delivery_mode WHERE vendor = ? AND account = ?")) {
                delete.setString(1, vendor);
                delete.setString(2, account);
                delete.executeUpdate();
            }
            if (mode == Mode.RUNNING) {
                return 0;
            }
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO delivery_mode (vendor, account, mode) VALUES (?, ?, ?)
                    ON CONFLICT (vendor, account) DO UPDATE SET mode = excluded.mode""")) {
                insert.setString(1, vendor);
                insert.setString(2, account);
                insert.setString(3, mode.name().toLowerCase(Locale.ROOT));
                return insert.executeUpdate();
            }
        });
        read();
    }

    /** Reads the modes from the database; one read at a time, so that no result replaces a later one. */
    synchronized void read() {
        known = database.inTransaction(connection -> {
            Map<Account, Mode> modes = new HashMap<>();
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT vendor, account, mode FROM delivery_mode");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    modes.put(new Account(row.getString(1), row.getString(2)), mode(row));
                }
            }
            return Map.copyOf(modes);
        });
    }

    /**
     * The mode of a row. One of a newer version counts as paused: an admin has changed how this account is delivered to,
     * and the others are delivered to as usual.
     */
    private static Mode mode(ResultSet row) throws SQLException {
        String stored = row.getString(3).toUpperCase(Locale.ROOT);
        return Arrays.stream(Mode.values())
                .filter(mode -> mode.name().equals(stored))
                .findFirst()
                .orElse(Mode.PAUSED);
    }

    private void refresh() {
        try {
            read();
            failures.succeeded(NAME);
        } catch (StoreUnavailableException e) {
            LOG.debugf("%s failed: %s", NAME, e.getMessage());
        } catch (RuntimeException e) {
            failures.failed(NAME, () -> String.valueOf(e.getMessage()), e);
        } finally {
            if (!stopped) {
                timer.schedule(() -> threads.execute(this::refresh), tick);
            }
        }
    }
}
