package io.sluice.store;

import io.sluice.AccountId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A SQL statement with its values, and the way to run it: rows are read by the names of their columns, and values are
 * bound by their Java types. Instants are stored as milliseconds since 1970, booleans as 0 or 1. For one thread.
 */
public final class Sql {
    private final String text;
    private final List<@Nullable Object> values = new ArrayList<>();

    /** A statement with a question mark for each value. */
    public Sql(String text) {
        this.text = text;
    }

    /** Maps a row to an object; reads columns by name. */
    @FunctionalInterface
    public interface RowMapper<T> {
        /** Reads the current row. */
        T map(ResultSet row) throws SQLException;
    }

    /** Adds the values for the next question marks; an account has two, for vendor and account, in this order. */
    public Sql with(@Nullable Object... next) {
        for (Object value : next) {
            if (value instanceof AccountId id) {
                values.add(id.vendor());
                values.add(id.account());
            } else {
                values.add(value);
            }
        }
        return this;
    }

    /** Executes a change, and returns the number of rows. Waits for the database, as every method here. */
    public int update(Connection connection) throws SQLException {
        try (PreparedStatement statement = prepared(connection)) {
            return statement.executeUpdate();
        }
    }

    /** Executes a query, or a change that returns rows, and returns them all. */
    public <T> List<T> list(Connection connection, RowMapper<T> mapper) throws SQLException {
        try (PreparedStatement statement = prepared(connection);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(mapper.map(rows));
            }
            return all;
        }
    }

    /** The same, as the first row; empty if there is none. */
    public <T> Optional<T> first(Connection connection, RowMapper<T> mapper) throws SQLException {
        return list(connection, mapper).stream().findFirst();
    }

    /**
     * The same, as the first row, which must be there.
     *
     * @throws IllegalStateException if there is none
     */
    public <T> T one(Connection connection, RowMapper<T> mapper) throws SQLException {
        return first(connection, mapper).orElseThrow(() -> new IllegalStateException("no row: " + text));
    }

    /** Returns true if a query finds a row. */
    public boolean exists(Connection connection) throws SQLException {
        try (PreparedStatement statement = prepared(connection);
                ResultSet rows = statement.executeQuery()) {
            return rows.next();
        }
    }

    /** A batch of one statement, to be closed by the caller; nothing is executed before {@link Batch#execute}. */
    public static Batch batch(Connection connection, String text) throws SQLException {
        return new Batch(connection.prepareStatement(text));
    }

    /** One change that is made many times, with other values each time. */
    public static final class Batch implements AutoCloseable {
        private final PreparedStatement statement;

        private Batch(PreparedStatement statement) {
            this.statement = statement;
        }

        /** Adds the change with these values. */
        public void add(@Nullable Object... values) throws SQLException {
            for (int i = 0; i < values.length; i++) {
                set(statement, i + 1, values[i]);
            }
            statement.addBatch();
        }

        /** Executes the changes in the order in which they were added. */
        public void execute() throws SQLException {
            statement.executeBatch();
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }

    private PreparedStatement prepared(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        for (int i = 0; i < values.size(); i++) {
            set(statement, i + 1, values.get(i));
        }
        return statement;
    }

    private static void set(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        switch (value) {
            case null -> statement.setNull(index, Types.NULL);
            case Instant instant -> statement.setLong(index, instant.toEpochMilli());
            case Boolean flag -> statement.setInt(index, flag ? 1 : 0);
            case Integer number -> statement.setInt(index, number);
            case Long number -> statement.setLong(index, number);
            case Double number -> statement.setDouble(index, number);
            case String string -> statement.setString(index, string);
            case byte[] bytes -> statement.setBytes(index, bytes);
            default -> throw new IllegalArgumentException("cannot be stored: " + value.getClass());
        }
    }

    /** The account that the columns vendor and account name. */
    public static AccountId accountId(ResultSet row) throws SQLException {
        return new AccountId(row.getString("vendor"), row.getString("account"));
    }

    /** An instant that may be missing. */
    public static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Long millis = number(row, column);
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    /** A number that may be missing. */
    public static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }
}
