package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.machine.Postgres;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** Messages that a version accepted which sorted them into ordering groups at once, before the update and beside it. */
class EarlierVersionMessagesTest {
    private static final Destination TRACK = new Destination(new AccountId("vendor", "default"), "track");

    @TempDir
    Path directory;

    @Test
    void messages_are_delivered_in_order_after_the_update_of_sqlite() throws Exception {
        Path file = directory.resolve("db");
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + file);
        before(source, "db/common", "db/sqlite");
        try (Connection connection = source.getConnection()) {
            queue(connection);
            accept(connection, 1, 3);
        }

        Database database = TestDatabase.sqlite(file);
        acceptNow(database, "n1");

        assertThat(delivered(database)).containsExactly("o1", "o2", "o3", "n1");
    }

    @Test
    void messages_are_delivered_in_order_during_the_update_of_postgresql() throws Exception {
        try (EmbeddedPostgres postgres = Postgres.start()) {
            DataSource source = postgres.getPostgresDatabase();
            before(source, "db/common", "db/postgresql");
            try (Connection connection = source.getConnection()) {
                queue(connection);
                accept(connection, 1, 2);

                Database database = TestDatabase.postgresql(source);
                acceptNow(database, "n1");
                accept(connection, 4, 5);
                acceptNow(database, "n2");

                assertThat(delivered(database)).containsExactly("o1", "o2", "n1", "o4", "o5", "n2");
            }
        }
    }

    private static void before(DataSource source, String... locations) {
        Flyway.configure()
                .dataSource(source)
                .locations(locations)
                .target("13")
                .load()
                .migrate();
    }

    private static void queue(Connection connection) throws SQLException {
        execute(connection, "INSERT INTO delivery_flow VALUES (1, 'vendor', 'default', 'track', 'growth', 0, 0)");
    }

    /** As it was done then. */
    private static void accept(Connection connection, int first, int last) throws SQLException {
        long group = OrderingKeys.hash(TRACK, "id:1");
        execute(connection, "UPDATE delivery_counter SET value = " + last + " WHERE name = 'letters'");
        for (int seq = first; seq <= last; seq++) {
            execute(connection, """
                    INSERT INTO delivery (lane, seq, flow, id, position, kind, operation, payload, accepted_at, expires_at)
                    VALUES (%d, %d, 1, 'dlv_%d', 0, 'entity', 'track', 'o%d', 0, 1000000)""".formatted(group, seq, seq, seq));
            execute(connection, "UPDATE delivery_flow SET queued = queued + 1");
        }
        execute(connection, """
                INSERT INTO delivery_lane (lane, flow, due_at, failures, last_seq) VALUES (%d, 1, 0, 0, %d)
                ON CONFLICT (lane) DO UPDATE SET last_seq = excluded.last_seq""".formatted(group, last));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void acceptNow(Database database, String payload) {
        Message message = new Message("id:1", "entity", "track", payload);
        assertThat(new MessageAppender(database)
                        .append(
                                List.of(new Delivery(payload, TRACK, "growth", List.of(message), 0, 1_000_000)),
                                Long.MAX_VALUE))
                .containsExactly(true);
    }

    private static List<String> delivered(Database database) {
        MessageClaimer claimer = new MessageClaimer(database);
        MessageSettler settler = new MessageSettler(database);
        List<String> delivered = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            List<ClaimedMessage> claimed =
                    claimer.claim(1, "t" + round, 0, 1_000, 1, 10).messages();
            claimed.forEach(message -> delivered.add(message.payload()));
            settler.settle(
                    "t" + round,
                    claimed.stream()
                            .map(message -> new MessageSettler.Settlement.Ack(message, 0))
                            .toList(),
                    0);
        }
        assertThat(new QueueStats(database).states().getFirst().queued()).isZero();
        return delivered;
    }
}
