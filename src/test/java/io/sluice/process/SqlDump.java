package io.sluice.process;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/**
 * A dump of a PostgreSQL database as a script: tables as the catalog describes them, their rows, then keys and indexes. The
 * server of the tests comes without {@code pg_dump}. Knows what Sluice's schema uses: tables with defaults, constraints,
 * indexes and storage, in one schema; no sequences, views or functions.
 */
final class SqlDump {
    private static final String TABLES =
            "SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
                    + " ORDER BY c.relname";
    private static final String COLUMNS = "SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)"
            + " || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END"
            + " || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')"
            + " FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            + " WHERE a.attrelid = CAST(? AS oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    private static final String STORAGE = "SELECT quote_ident(a.attname) FROM pg_attribute a"
            + " WHERE a.attrelid = CAST(? AS oid) AND a.attnum > 0 AND a.attstorage = 'e' ORDER BY a.attnum";
    /** Keys before what refers to them; NOT NULL stands at the columns. */
    private static final String CONSTRAINTS =
            "SELECT 'ALTER TABLE ' || c.conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(c.conname) || ' '"
                    + " || pg_get_constraintdef(c.oid) FROM pg_constraint c"
                    + " WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f', 'c')"
                    + " ORDER BY c.contype = 'f', c.conname";

    private static final String INDEXES =
            "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                    + " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'i'"
                    + " AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid) ORDER BY c.relname";

    private SqlDump() {}

    /** The script, to be executed in an empty database. */
    static String of(Connection connection) throws SQLException {
        StringBuilder script = new StringBuilder();
        List<List<String>> tables = rows(connection, TABLES);
        for (List<String> table : tables) {
            String columns = String.join(",\n    ", first(rows(connection, COLUMNS, table.getFirst())));
            script.append("CREATE TABLE ")
                    .append(table.getLast())
                    .append(" (\n    ")
                    .append(columns)
                    .append(");\n");
            for (String column : first(rows(connection, STORAGE, table.getFirst()))) {
                script.append(
                        "ALTER TABLE %s ALTER COLUMN %s SET STORAGE EXTERNAL;\n".formatted(table.getLast(), column));
            }
        }
        for (List<String> table : tables) {
            insert(connection, table.getLast(), script);
        }
        for (String query : List.of(CONSTRAINTS, INDEXES)) {
            first(rows(connection, query)).forEach(line -> script.append(line).append(";\n"));
        }
        return script.toString();
    }

    private static void insert(Connection connection, String table, StringBuilder script) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM " + table + " ORDER BY 1, 2")) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(literal(row, i));
                }
                script.append("INSERT INTO %s VALUES (%s);\n".formatted(table, String.join(", ", values)));
            }
        }
    }

    private static String literal(ResultSet row, int column) throws SQLException {
        String value = row.getString(column);
        if (value == null) {
            return "NULL";
        }
        // The driver writes bytes as \x..., which is a literal as it stands.
        return switch (row.getMetaData().getColumnType(column)) {
            case Types.BIGINT, Types.INTEGER, Types.DOUBLE -> value;
            default -> "'" + value.replace("'", "''") + "'";
        };
    }

    private static List<String> first(List<List<String>> rows) {
        return rows.stream().map(List::getFirst).toList();
    }

    private static List<List<String>> rows(Connection connection, String query, String... parameters)
            throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= columns; i++) {
                        values.add(row.getString(i));
                    }
                    rows.add(values);
                }
            }
        }
        return rows;
    }
}
