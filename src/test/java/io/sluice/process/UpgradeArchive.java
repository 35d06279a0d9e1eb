package io.sluice.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An archive of what a version has written: its data folder, and the dump of its database. Times in it are shifted when it is
 * opened, all by the same duration, so that the data is as old as it was on the day it was written, in whatever year the test
 * runs. A time is a whole number in a column that lies within some years of the writing, in milliseconds since 1970, and a
 * timestamp of ISO 8601 in a text, inside of JSON too.
 */
final class UpgradeArchive {
    private static final Pattern TIMESTAMP = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    private static final Duration NEAR = Duration.ofDays(3 * 365);
    private static final String BUDGETS = "budgets";
    /** The id of a run of a machine, by which a process tells how long it was away: it must not be this machine's. */
    private static final Pattern BOOT = Pattern.compile("(\"boot\":)\"[^\"]*\"");
    /** Made anew by whatever opens the folder. */
    private static final List<String> PASSING = List.of("lock", "sluice.db-shm");

    private final Instant writtenAt;
    private final Duration shift;

    /**
     * @param writtenAt when it was written
     * @param age how long ago that is to be
     */
    UpgradeArchive(Instant writtenAt, Instant now, Duration age) {
        this.writtenAt = writtenAt;
        this.shift = Duration.between(writtenAt, now.minus(age));
    }

    /** Packs the files of a data folder, without what tells the machine. */
    static void pack(Path folder, Path archive) throws IOException {
        Files.createDirectories(Objects.requireNonNull(archive.getParent(), "archive"));
        try (OutputStream out = Files.newOutputStream(archive);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                if (PASSING.contains(String.valueOf(file.getFileName()))) {
                    continue;
                }
                Path name = folder.relativize(file);
                zip.putNextEntry(new ZipEntry(name.toString().replace('\\', '/')));
                zip.write(
                        name.startsWith(BUDGETS)
                                ? BOOT.matcher(Files.readString(file))
                                        .replaceAll("$1\"00000000-0000-0000-0000-000000000000\"")
                                        .getBytes(StandardCharsets.UTF_8)
                                : Files.readAllBytes(file));
                zip.closeEntry();
            }
        }
    }

    /** Unpacks a data folder; the times in the files of budgets are shifted. */
    void unpack(InputStream archive, Path folder) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(archive)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                Files.createDirectories(Objects.requireNonNull(file.getParent(), "file"));
                byte[] bytes = zip.readAllBytes();
                Files.write(
                        file,
                        entry.getName().startsWith(BUDGETS)
                                ? shifted(new String(bytes, StandardCharsets.UTF_8))
                                        .getBytes(StandardCharsets.UTF_8)
                                : bytes);
            }
        }
    }

    /** A text with its timestamps shifted. */
    String shifted(String text) {
        return TIMESTAMP
                .matcher(text)
                .replaceAll(time -> Instant.parse(time.group()).plus(shift).toString());
    }

    /** Shifts the times in all tables but those of Flyway. */
    void shift(Connection connection) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (ResultSet row = connection.getMetaData().getColumns(null, null, "%", "%")) {
            while (row.next()) {
                String table = row.getString("TABLE_NAME");
                if (!table.startsWith("flyway_") && !isSystem(row.getString("TABLE_SCHEM"), table)) {
                    columns.add(new Column(table, row.getString("COLUMN_NAME"), row.getInt("DATA_TYPE")));
                }
            }
        }
        for (Column column : columns) {
            switch (column.type()) {
                case Types.BIGINT -> shiftNumbers(connection, column);
                case Types.VARCHAR -> shiftTexts(connection, column);
                default -> {
                    // No times.
                }
            }
        }
    }

    private static boolean isSystem(@Nullable String schema, String table) {
        return schema == null ? table.startsWith("sqlite_") : !schema.equals("public");
    }

    private record Column(String table, String name, int type) {}

    private void shiftNumbers(Connection connection, Column column) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE %1$s SET %2$s = %2$s + ? WHERE %2$s BETWEEN ? AND ?"
                        .formatted(column.table(), column.name()))) {
            update.setLong(1, shift.toMillis());
            update.setLong(2, writtenAt.minus(NEAR).toEpochMilli());
            update.setLong(3, writtenAt.plus(NEAR).toEpochMilli());
            update.executeUpdate();
        }
    }

    private void shiftTexts(Connection connection, Column column) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("SELECT DISTINCT %2$s FROM %1$s WHERE %2$s LIKE '%%T%%Z%%'"
                        .formatted(column.table(), column.name()))) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE %1$s SET %2$s = ? WHERE %2$s = ?".formatted(column.table(), column.name()))) {
            for (String text : texts) {
                update.setString(1, shifted(text));
                update.setString(2, text);
                update.executeUpdate();
            }
        }
    }
}
