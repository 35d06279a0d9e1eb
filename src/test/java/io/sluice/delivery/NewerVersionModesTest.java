package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.operator.OperatorSettings;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
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
                return statement.executeUpdate("INSERT INTO operator_setting (vendor, account, setting, value)"
                        + " VALUES ('acme', 'slow', 'deliveries', 'trickling')");
            }
        });
        OperatorSettings settings = new OperatorSettings(
                database, InstantSource.system(), (task, delay) -> () -> {}, Runnable::run, Duration.ofSeconds(1));
        Modes modes = new Modes(settings);

        settings.refresh();

        assertThat(modes.of(new Destination(new AccountId("acme", "slow"), "track")))
                .isEqualTo(Mode.PAUSED);
        assertThat(modes.isDelivering(new Destination(new AccountId("acme", "slow"), "track")))
                .isFalse();
        assertThat(modes.isDelivering(new Destination(new AccountId("acme", "default"), "track")))
                .isTrue();
    }
}
