package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the deletion of rows promises whose time has come, whichever database they are in. */
abstract class RetentionContract {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    /** A new, empty database. */
    abstract Database database();

    @Test
    void rows_are_deleted_at_their_end_and_no_more_at_once_than_asked_for() {
        Database database = database();
        add(database, "a", NOW.minusSeconds(2));
        add(database, "b", NOW);
        add(database, "c", NOW.minusSeconds(1));
        add(database, "d", NOW.plusMillis(1));
        Retention retention = Retention.byRow(database, "claim", "write");

        int first = retention.purge().run(NOW, 2);
        int second = retention.purge().run(NOW, 2);
        int third = retention.purge().run(NOW, 2);

        assertThat(List.of(first, second, third)).containsExactly(2, 1, 0);
        assertThat(names(database)).containsExactly("d");
    }

    @Test
    void a_key_of_several_columns_names_a_row() {
        Database database = database();
        for (String account : List.of("a", "b")) {
            database.inTransaction(
                    connection -> new Sql("INSERT INTO webhook_event (vendor, account, seq, event_id, body,"
                                    + " received_at, keep_until) VALUES ('acme', ?, 1, '1', '{}', 0, ?)")
                            .with(account, account.equals("a") ? NOW : NOW.plusSeconds(1))
                            .update(connection));
        }

        int deleted = Retention.byRow(database, "webhook_event", "vendor, account, seq")
                .purge()
                .run(NOW, 10);

        assertThat(deleted).isOne();
        assertThat(database.<List<String>>inTransaction(connection ->
                        new Sql("SELECT account FROM webhook_event").list(connection, row -> row.getString("account"))))
                .containsExactly("b");
    }

    @Test
    void the_job_goes_on_until_nothing_is_due_and_one_table_keeps_no_other_from_its_turn() {
        Database database = database();
        for (int i = 0; i < 5; i++) {
            add(database, "w" + i, NOW);
        }
        List<Integer> batches = new ArrayList<>();
        Retention rows = Retention.byRow(database, "claim", "write");
        Retention broken = new Retention("broken", (now, atMost) -> {
            throw new IllegalStateException("it fails");
        });
        Retention away = new Retention("away", (now, atMost) -> {
            throw TestDatabase.away();
        });
        Retention counted = new Retention("claim", (now, atMost) -> {
            int deleted = rows.purge().run(now, atMost);
            batches.add(deleted);
            return deleted;
        });

        new RetentionJob(List.of(broken, away, counted), new TwoAtOnce(), () -> NOW).run();

        assertThat(batches).containsExactly(2, 2, 1);
        assertThat(names(database)).isEmpty();
    }

    private record TwoAtOnce() implements RetentionConfig {
        @Override
        public Duration interval() {
            return Duration.ofSeconds(10);
        }

        @Override
        public int batch() {
            return 2;
        }
    }

    private static void add(Database database, String write, Instant keepUntil) {
        database.inTransaction(
                connection -> new Sql("INSERT INTO claim (write, list, began, keep_until) VALUES (?, 'list', 1, ?)")
                        .with(write, keepUntil)
                        .update(connection));
    }

    private static List<String> names(Database database) {
        return database.inTransaction(
                connection -> new Sql("SELECT write FROM claim").list(connection, row -> row.getString("write")));
    }
}
