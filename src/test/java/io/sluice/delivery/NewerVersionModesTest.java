package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modes of accounts that a newer version has stored, after the return to this one. */
class NewerVersionModesTest {
    @TempDir
    Path directory;

    @Test
    void an_unknown_mode_pauses_its_account_and_no_other() {
        Database database = TestDatabase.sqlite(directory.resolve("modes.db"));
        database.inTransaction(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(
                        "INSERT INTO delivery_mode (vendor, account, mode) VALUES ('acme', 'slow', 'trickling')");
            }
        });
        Modes modes = new Modes(database, (task, delay) -> () -> {}, Runnable::run, Duration.ofSeconds(1));

        modes.read();

        assertThat(modes.of(new Destination(new AccountId("acme", "slow"), "track")))
                .isEqualTo(Mode.PAUSED);
        assertThat(modes.isDelivering(new Destination(new AccountId("acme", "slow"), "track")))
                .isFalse();
        assertThat(modes.isDelivering(new Destination(new AccountId("acme", "default"), "track")))
                .isTrue();
    }
}
