package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    Path directory;

    @Test
    void what_fails_half_way_leaves_nothing_behind() {
        for (Database database :
                new Database[] {TestDatabase.sqlite(directory.resolve("db")), TestDatabase.postgresql()}) {
            assertThatThrownBy(() -> database.inTransaction(connection -> {
                        insert(connection);
                        throw new IllegalArgumentException("half way");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);

            assertThat(count(database)).as(database.kind().name()).isZero();
        }
    }

    @Test
    void what_is_wrong_with_the_work_is_no_fault_of_the_database() {
        Database database = TestDatabase.sqlite(directory.resolve("db"));

        assertThatThrownBy(() -> database.inTransaction(
                        connection -> connection.createStatement().execute("SELECT anything FROM nowhere")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void a_transaction_that_was_in_anothers_way_is_done_again() {
        Database database = TestDatabase.sqlite(directory.resolve("db"));
        AtomicInteger tries = new AtomicInteger();

        int rows = database.inTransaction(connection -> {
            insert(connection);
            if (tries.incrementAndGet() < 3) {
                throw new SQLException("could not serialize access", "40001");
            }
            return count(connection);
        });

        assertThat(tries).hasValue(3);
        assertThat(rows).isOne();
    }

    @Test
    void a_database_that_is_away_says_so_and_serves_once_it_is_back() throws Exception {
        Path parent = directory.resolve("missing");
        Database database = TestDatabase.sqlite(parent.resolve("db"));

        assertThatThrownBy(() -> count(database)).isInstanceOf(StoreUnavailableException.class);
        Files.createDirectories(parent);

        assertThat(count(database)).isZero();
    }

    private static void insert(Connection connection) throws SQLException {
        try (var insert = connection.prepareStatement(
                "INSERT INTO export_duration (vendor, account, kind, millis) VALUES ('v', 'a', 'k', 1)")) {
            insert.execute();
        }
    }

    private static int count(Database database) {
        return database.inTransaction(DatabaseTest::count);
    }

    private static int count(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("SELECT count(*) FROM export_duration");
                ResultSet rows = select.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
