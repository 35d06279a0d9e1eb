package io.sluice.export;

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

/** A SQL statement with its values; instants are stored as milliseconds. */
final class Sql {
    private final String text;
    private final List<@Nullable Object> values = new ArrayList<>();

    Sql(String text) {
        this.text = text;
    }

    /** Maps a row to an object. */
    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Adds the values for the next question marks. */
    Sql with(@Nullable Object... next) {
        for (Object value : next) {
            values.add(value);
        }
        return this;
    }

    /** Executes a change and returns the number of rows. */
    int update(Connection connection) throws SQLException {
        try (PreparedStatement statement = prepared(connection)) {
            return statement.executeUpdate();
        }
    }

    <T> List<T> list(Connection connection, Row<T> row) throws SQLException {
        try (PreparedStatement statement = prepared(connection);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(row.read(rows));
            }
            return all;
        }
    }

    <T> Optional<T> first(Connection connection, Row<T> row) throws SQLException {
        return list(connection, row).stream().findFirst();
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

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }
}
