package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** In a server. */
class PostgresqlRetentionTest extends RetentionContract {
    @Override
    Database database() {
        return TestDatabase.postgresql();
    }

    /** Its record is begun anew at this moment, and must outlive the deletion of the one before. */
    @Test
    void a_row_that_another_transaction_keeps_for_longer_is_not_deleted() {
        DataSource source = TestDatabase.source();
        Database here = TestDatabase.postgresql(source);
        Database there = TestDatabase.postgresql(source);
        Instant now = Instant.parse("2026-11-22T10:00:00Z");
        here.inTransaction(
                connection -> new Sql("INSERT INTO claim (write, list, began, keep_until) VALUES ('a', 'list', 1, ?)")
                        .with(now)
                        .update(connection));

        int deleted = there.inTransaction(connection -> {
            new Sql("UPDATE claim SET keep_until = ? WHERE write = 'a'")
                    .with(now.plusSeconds(60))
                    .update(connection);
            return Retention.byRow(here, "claim", "write").purge().run(now, 10);
        });

        assertThat(deleted).isZero();
    }
}
