package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.budget.window.Backoff;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.operator.OperatorSettings;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.LeaseKeeper;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One worker, and how it fills its calls. */
class DeliveryWorkerTest {
    private static final Destination TRACK = new Destination(new AccountId("vendor", "default"), "track");
    private static final Settings SIX_TOGETHER = new Settings(1_000, 6, 1, Duration.ofMinutes(10));

    private final List<Integer> sizes = new ArrayList<>();
    private final VirtualTime time = new VirtualTime();

    @TempDir
    Path directory;

    @Test
    void calls_are_full_as_long_as_there_is_more_than_one_of_them_holds() throws InterruptedException {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        accept(database, 13);
        DeliveryWorker worker = worker(database, new FourInACall());

        while (worker.claimAndDeliver()) {
            // It delivers.
        }

        assertThat(sizes).containsExactly(4, 4, 4, 1);
        assertThat(new QueueStats(database).states().getFirst().queued()).isZero();
    }

    @Test
    void whoever_slept_beyond_its_lease_sends_nothing_and_the_messages_are_anybodys_at_once()
            throws InterruptedException {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        accept(database, 2);
        List<List<ClaimedMessage>> sent = new ArrayList<>();
        Duration[] sleeps = {SIX_TOGETHER.lease(), Duration.ZERO};
        DeliveryWorker worker = worker(database, new FourInACall() {
            @Override
            public List<DeliveryOutcome> deliver(
                    Destination destination,
                    String team,
                    Duration maxWait,
                    BooleanSupplier leaseValid,
                    List<ClaimedMessage> messages) {
                time.pass(sleeps[0]);
                sleeps[0] = sleeps[1];
                if (!leaseValid.getAsBoolean()) {
                    throw new CallAbandonedException();
                }
                sent.add(messages);
                return super.deliver(destination, team, maxWait, leaseValid, messages);
            }
        });

        worker.claimAndDeliver();

        assertThat(sent).isEmpty();

        worker.claimAndDeliver();

        assertThat(sent)
                .singleElement()
                .satisfies(messages -> assertThat(messages)
                        .hasSize(2)
                        .allSatisfy(message -> assertThat(message.maybeDelivered())
                                .as("nobody can have sent it")
                                .isFalse()));
        assertThat(new QueueStats(database).states().getFirst().queued()).isZero();
    }

    @Test
    void a_lease_is_prolonged_as_long_as_it_has_not_ended() {
        assertThat(lastsWhenRenewed(Duration.ofSeconds(12), Duration.ofSeconds(6), Duration.ofSeconds(10)))
                .isTrue();
    }

    @Test
    void a_lease_that_ended_while_it_was_prolonged_does_not_last() {
        assertThat(lastsWhenRenewed(Duration.ofSeconds(12), Duration.ofSeconds(12), Duration.ZERO))
                .isFalse();
    }

    @Test
    void a_lease_that_is_about_to_end_is_not_prolonged() {
        assertThat(lastsWhenRenewed(Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO))
                .isFalse();
    }

    /** Holds a lease of 30 s, renews it after a while, which takes a time, and asks later whether it is valid. */
    private boolean lastsWhenRenewed(Duration before, Duration during, Duration later) {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        accept(database, 1);
        MessageClaimer claimer = new MessageClaimer(database);
        LeaseKeeper leases = new LeaseKeeper(
                (owner, claims, until) -> {
                    time.pass(during);
                    return claimer.renew(owner, claims, until);
                },
                time,
                SIX_TOGETHER.lease());
        try (LeaseKeeper.Lease lease =
                leases.hold("token", "token", leases.end()).orElseThrow()) {
            assertThat(claimer.claim(1, "token", 0, lease.until().toEpochMilli(), 1, 6)
                            .messages())
                    .hasSize(1);
            time.pass(before);
            leases.renewAll();
            time.pass(later);
            return lease.isValid();
        }
    }

    private static void accept(Database database, int count) {
        List<Message> messages = IntStream.range(10, 10 + count)
                .mapToObj(number -> new Message("id:" + number, "entity", "track", "message " + number))
                .toList();
        new MessageAppender(database)
                .append(List.of(new Delivery("dlv_1", TRACK, "growth", messages, 0, Long.MAX_VALUE)), 1_000);
    }

    private DeliveryWorker worker(Database database, MessageSender sender) {
        MessageClaimer claimer = new MessageClaimer(database);
        OperatorSettings settings = new OperatorSettings(
                database, time, (task, delay) -> () -> {}, Runnable::run, SIX_TOGETHER.pollInterval());
        settings.refresh();
        return new DeliveryWorker(
                new DeliveryWorker.QueueId(1, TRACK, "growth"),
                sender,
                new DeliveryWorker.WorkerContext(
                        claimer,
                        new MessageSettler(database),
                        new LeaseKeeper(claimer::renew, time, SIX_TOGETHER.lease()),
                        new Backoff(
                                SIX_TOGETHER.firstBackoff(),
                                2,
                                SIX_TOGETHER.maxBackoff(),
                                SIX_TOGETHER.jitter(),
                                new SplittableRandom(1)),
                        SIX_TOGETHER,
                        time,
                        new Ulids(time, new SplittableRandom(2)),
                        new Modes(settings),
                        new DeliveryMeters()));
    }

    private class FourInACall implements MessageSender {
        @Override
        public String vendor() {
            return TRACK.account().vendor();
        }

        @Override
        public String destination() {
            return TRACK.name();
        }

        @Override
        public boolean isBatchable(String kind) {
            return true;
        }

        @Override
        public int maxBatchBytes() {
            return 4 * "message 10,".length();
        }

        @Override
        public int overhead() {
            return 1;
        }

        @Override
        public List<DeliveryOutcome> deliver(
                Destination destination,
                String team,
                Duration maxWait,
                BooleanSupplier leaseValid,
                List<ClaimedMessage> messages) {
            sizes.add(messages.size());
            return Collections.nCopies(messages.size(), new DeliveryOutcome.Delivered());
        }
    }
}
