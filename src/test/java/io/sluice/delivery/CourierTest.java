package io.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.Ulids;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One courier, and how it fills its calls. */
class CourierTest {
    private static final Channel TRACK = new Channel("vendor", "default", "track");
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);
    private static final Settings SIX_TOGETHER = new Settings(1_000, 6, 1, Duration.ofMinutes(10));

    private final List<Integer> sizes = new ArrayList<>();

    @TempDir
    Path directory;

    @Test
    void calls_are_full_as_long_as_there_is_more_than_one_of_them_holds() throws InterruptedException {
        Database database = TestDatabase.fastSqlite(directory.resolve("db"));
        List<Letter> letters = IntStream.range(10, 23)
                .mapToObj(number -> new Letter("id:" + number, "entity", "track", "letter " + number))
                .toList();
        new AcceptLetters(database)
                .store(List.of(new Parcel("dlv_1", TRACK, "growth", letters, 0, Long.MAX_VALUE)), 1_000);
        Courier courier = courier(database, new FourInACall());

        while (courier.round()) {
            // It delivers.
        }

        assertThat(sizes).containsExactly(4, 4, 4, 1);
        assertThat(new QueueView(database).states().getFirst().queued()).isZero();
    }

    private static Courier courier(Database database, Carrier carrier) {
        ClaimLetters claims = new ClaimLetters(database);
        Modes modes = new Modes(database, (task, delay) -> () -> {}, Runnable::run, SIX_TOGETHER.tick());
        modes.read();
        return new Courier(
                new Courier.Flow(1, TRACK, "growth"),
                carrier,
                new Courier.Tools(
                        claims,
                        new FinishLetters(database),
                        new Leases(claims, SIX_TOGETHER, CLOCK),
                        new Backoff(SIX_TOGETHER, new SplittableRandom(1)),
                        SIX_TOGETHER,
                        CLOCK,
                        new Ulids(CLOCK, new SplittableRandom(2)),
                        modes,
                        new DeliveryMeters()));
    }

    private final class FourInACall implements Carrier {
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
        public List<Fate> deliver(Channel channel, String team, Duration patience, List<Waiting> letters) {
            sizes.add(letters.size());
            return Collections.nCopies(letters.size(), new Fate.Delivered());
        }
    }
}
