package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.Ulids;
import io.sluice.call.CallAbandonedException;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One courier, and how it fills its calls. */
class CourierTest {
    private static final Channel TRACK = new Channel("vendor", "default", "track");
    private static final Settings SIX_TOGETHER = new Settings(1_000, 6, 1, Duration.ofMinutes(10));

    private final List<Integer> sizes = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private final InstantSource clock = () -> Instant.ofEpochMilli(now.get());

    @TempDir
    Path directory;

    @Test
    void calls_are_full_as_long_as_there_is_more_than_one_of_them_holds() throws InterruptedException {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        accept(database, 13);
        Courier courier = courier(database, new FourInACall());

        while (courier.round()) {
            // It delivers.
        }

        assertThat(sizes).containsExactly(4, 4, 4, 1);
        assertThat(new QueueView(database).states().getFirst().queued()).isZero();
    }

    @Test
    void whoever_slept_beyond_its_lease_sends_nothing_and_the_letters_are_anybodys_at_once()
            throws InterruptedException {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        accept(database, 2);
        List<List<Waiting>> sent = new ArrayList<>();
        Duration[] sleeps = {SIX_TOGETHER.lease(), Duration.ZERO};
        Courier courier = courier(database, new FourInACall() {
            @Override
            public List<Fate> deliver(
                    Channel channel, String team, Duration patience, BooleanSupplier ours, List<Waiting> letters) {
                now.addAndGet(sleeps[0].toMillis());
                sleeps[0] = sleeps[1];
                if (!ours.getAsBoolean()) {
                    throw new CallAbandonedException();
                }
                sent.add(letters);
                return super.deliver(channel, team, patience, ours, letters);
            }
        });

        courier.round();

        assertThat(sent).isEmpty();

        courier.round();

        assertThat(sent)
                .singleElement()
                .satisfies(letters -> assertThat(letters)
                        .hasSize(2)
                        .allSatisfy(letter -> assertThat(letter.lost())
                                .as("nobody can have sent it")
                                .isFalse()));
        assertThat(new QueueView(database).states().getFirst().queued()).isZero();
    }

    @Test
    void a_lease_is_prolonged_as_long_as_it_has_not_ended() {
        assertThat(lastsWhenEachLookTakes(Duration.ofSeconds(6))).isTrue();
    }

    @Test
    void a_lease_that_ended_while_it_was_prolonged_does_not_last() {
        assertThat(lastsWhenEachLookTakes(Duration.ofSeconds(12))).isFalse();
    }

    @Test
    void a_lease_that_is_about_to_end_is_not_prolonged() {
        assertThat(lastsWhenEachLookTakes(Duration.ofSeconds(20))).isFalse();
    }

    /** Holds a lease, prolongs it, and asks whether it lasts; the clock is looked at four times. */
    private boolean lastsWhenEachLookTakes(Duration look) {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        accept(database, 1);
        ClaimLetters claims = new ClaimLetters(database);
        Leases leases = new Leases(claims, SIX_TOGETHER, () -> Instant.ofEpochMilli(now.getAndAdd(look.toMillis())));
        try (Leases.Held held = leases.hold("token")) {
            assertThat(claims.claim(1, "token", 0, held.until(), 1, 6).letters())
                    .hasSize(1);
            leases.prolong();
            return held.lasts();
        }
    }

    private static void accept(Database database, int count) {
        List<Letter> letters = IntStream.range(10, 10 + count)
                .mapToObj(number -> new Letter("id:" + number, "entity", "track", "letter " + number))
                .toList();
        new AcceptLetters(database)
                .store(List.of(new Parcel("dlv_1", TRACK, "growth", letters, 0, Long.MAX_VALUE)), 1_000);
    }

    private Courier courier(Database database, Carrier carrier) {
        ClaimLetters claims = new ClaimLetters(database);
        Modes modes = new Modes(database, (task, delay) -> () -> {}, Runnable::run, SIX_TOGETHER.tick());
        modes.read();
        return new Courier(
                new Courier.Flow(1, TRACK, "growth"),
                carrier,
                new Courier.Tools(
                        claims,
                        new FinishLetters(database),
                        new Leases(claims, SIX_TOGETHER, clock),
                        new Backoff(SIX_TOGETHER, new SplittableRandom(1)),
                        SIX_TOGETHER,
                        clock,
                        new Ulids(clock, new SplittableRandom(2)),
                        modes,
                        new DeliveryMeters()));
    }

    private class FourInACall implements Carrier {
        @Override
        public String vendor() {
            return TRACK.vendor();
        }

        @Override
        public String channel() {
            return TRACK.name();
        }

        @Override
        public boolean batches(String kind) {
            return true;
        }

        @Override
        public int maxBatchBytes() {
            return 4 * "letter 10,".length();
        }

        @Override
        public int overhead() {
            return 1;
        }

        @Override
        public List<Fate> deliver(
                Channel channel, String team, Duration patience, BooleanSupplier ours, List<Waiting> letters) {
            sizes.add(letters.size());
            return Collections.nCopies(letters.size(), new Fate.Delivered());
        }
    }
}
