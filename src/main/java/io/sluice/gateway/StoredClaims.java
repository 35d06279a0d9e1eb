package io.sluice.gateway;

import io.sluice.store.Database;
import io.sluice.store.StoreUnavailableException;
import io.sluice.vendor.Claims;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/** Keeps claims in the database. Two that are made at once are told apart by its unique index. */
@Singleton
class StoredClaims implements Claims {
    private static final Logger LOG = Logger.getLogger(StoredClaims.class);

    private final Database database;
    private final InstantSource clock;

    StoredClaims(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public boolean begin(String list, String write, Instant until) {
        long now = clock.millis();
        return inTransaction(write, connection -> {
                    try (PreparedStatement forget =
                            connection.prepareStatement("DELETE FROM claim WHERE keep_until <= ?")) {
                        forget.setLong(1, now);
                        forget.executeUpdate();
                    }
                    try (PreparedStatement insert =
                            connection.prepareStatement("INSERT INTO claim (write, list, began, keep_until)"
                                    + " SELECT ?, ?, COALESCE(MAX(began), 0) + 1, ? FROM claim WHERE list = ?")) {
                        insert.setString(1, write);
                        insert.setString(2, list);
                        insert.setLong(3, until.toEpochMilli());
                        insert.setString(4, list);
                        return insert.executeUpdate() == 1;
                    }
                })
                .orElse(false);
    }

    @Override
    public void made(String list, String write, String id) {
        inTransaction(write, connection -> {
            if (claimed(connection, list).contains(id)) {
                // Somebody past Sluice has made one in these very seconds, and a lost write was told that it is its
                // own.
                return delete(connection, write);
            }
            return give(connection, write, id);
        });
    }

    @Override
    public void undone(String write) {
        inTransaction(write, connection -> delete(connection, write));
    }

    @Override
    public void lost(String list, String write) {
        inTransaction(write, connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE claim SET lost = (SELECT MAX(began) FROM claim WHERE list = ?) WHERE write = ?")) {
                update.setString(1, list);
                update.setString(2, write);
                return update.executeUpdate();
            }
        });
    }

    @Override
    public Optional<String> claim(String list, String write, Collection<String> added) {
        return inTransaction(write, connection -> {
                    Set<String> free = new HashSet<>(added);
                    free.removeAll(claimed(connection, list));
                    if (free.isEmpty() || free.size() < contenders(connection, list, write)) {
                        return Optional.<String>empty();
                    }
                    String id = free.iterator().next();
                    return give(connection, write, id) == 1 ? Optional.of(id) : Optional.<String>empty();
                })
                .flatMap(claimed -> claimed);
    }

    private <T> Optional<T> inTransaction(String write, Database.Work<T> work) {
        try {
            return Optional.of(database.inTransaction(work));
        } catch (StoreUnavailableException e) {
            LOG.warnf("%s: what it makes is neither written down nor looked up: %s", write, e.getMessage());
            return Optional.empty();
        }
    }

    private static Set<String> claimed(Connection connection, String list) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id FROM claim WHERE list = ? AND id IS NOT NULL")) {
            select.setString(1, list);
            Set<String> ids = new HashSet<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getString(1));
                }
            }
            return ids;
        }
    }

    /** How many writes may have made something since this one was begun, and nobody knows what; it is one of them. */
    private static int contenders(Connection connection, String list, String write) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT count(*) FROM claim WHERE list = ?"
                + " AND id IS NULL AND (lost IS NULL OR lost >= (SELECT began FROM claim WHERE write = ?))")) {
            select.setString(1, list);
            select.setString(2, write);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static int give(Connection connection, String write, String id) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE claim SET id = ? WHERE write = ? AND id IS NULL")) {
            update.setString(1, id);
            update.setString(2, write);
            return update.executeUpdate();
        }
    }

    private static int delete(Connection connection, String write) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM claim WHERE write = ?")) {
            delete.setString(1, write);
            return delete.executeUpdate();
        }
    }
}
