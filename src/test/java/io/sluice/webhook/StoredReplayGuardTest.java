package io.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Database.Kind.class)
class StoredReplayGuardTest {
    private static final AtomicInteger ACCOUNTS = new AtomicInteger();

    /** Each test has its own on the one server. */
    private final String account = "account-" + ACCOUNTS.incrementAndGet();

    private final Database database;
    private final VirtualTime time = new VirtualTime();

    StoredReplayGuardTest(Database.Kind kind, @TempDir Path directory) {
        database =
                kind == Database.Kind.SQLITE ? TestDatabase.sqlite(directory.resolve("db")) : TestDatabase.postgresql();
    }

    @Test
    void a_message_is_first_once_also_for_the_process_after_a_restart() {
        assertThat(guard().isFirst(new AccountId("clerk", account), "msg_1")).isTrue();
        assertThat(guard().isFirst(new AccountId("clerk", account), "msg_1")).isFalse();
        assertThat(guard().isFirst(new AccountId("clerk", account), "msg_2")).isTrue();
    }

    @Test
    void another_account_or_vendor_has_messages_of_its_own() {
        guard().isFirst(new AccountId("clerk", account), "msg_1");

        assertThat(guard().isFirst(new AccountId("clerk", account + "b"), "msg_1"))
                .isTrue();
        assertThat(guard().isFirst(new AccountId("fathom", account), "msg_1")).isTrue();
    }

    @Test
    void a_message_whose_processing_failed_is_first_again() {
        guard().isFirst(new AccountId("clerk", account), "msg_1");
        guard().forget(new AccountId("clerk", account), "msg_1");

        assertThat(guard().isFirst(new AccountId("clerk", account), "msg_1")).isTrue();
    }

    @Test
    void a_message_is_recorded_for_the_configured_time() {
        guard().isFirst(new AccountId("clerk", account), "msg_1");

        time.pass(Duration.ofHours(24).minusMillis(1));
        assertThat(guard().isFirst(new AccountId("clerk", account), "msg_1")).isFalse();
        time.pass(Duration.ofMillis(1));
        assertThat(guard().isFirst(new AccountId("clerk", account), "msg_1")).isTrue();
    }

    private WebhookReplayGuard guard() {
        return new StoredReplayGuard(
                database,
                time,
                new SmallRyeConfigBuilder()
                        .addDiscoveredConverters()
                        .withMapping(WebhooksConfig.class)
                        .build()
                        .getConfigMapping(WebhooksConfig.class));
    }
}
