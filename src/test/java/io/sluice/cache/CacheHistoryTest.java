package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Call;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories on virtual time: reads that are kept, shared and slow, own writes, and changes elsewhere whose
 * webhooks come late, twice, in any order or not at all.
 */
class CacheHistoryTest {
    private static final int SEEDS = 400;
    private static final int STEPS = 400;
    private static final int THINGS = 3;
    private static final long MILLISECOND = 1_000_000;

    static IntStream seeds() {
        return IntStream.range(0, SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void nobody_reads_older_than_a_finished_own_write_and_in_the_end_all_read_the_truth(int seed) {
        History history = new History(seed);
        for (int step = 0; step < STEPS; step++) {
            history.step();
        }
        history.runAll();
        history.over = true;
        history.time.pass(Reads.TTL);

        for (int thing = 0; thing < THINGS; thing++) {
            int asked = thing;
            history.read(
                    thing,
                    version ->
                            assertThat(version).as("in the end, seed " + seed).isEqualTo(history.truth[asked]));
        }
        history.runAll();
        assertThat(history.reads).isGreaterThan(STEPS / 4);
        assertThat(history.hits).isPositive();
    }

    private record Flight(long since, List<LongConsumer> readers) {}

    private static final class History {
        final SplittableRandom random;
        final int seed;
        final long[] truth = new long[THINGS];
        final long[] written = new long[THINGS]; // the newest version that a finished own write made
        final ResponseCache cache;
        final Map<Integer, Flight> flights = new HashMap<>();
        final VirtualTime time = new VirtualTime();
        int reads;
        int hits;
        boolean over; // from then on no answer that is out of date is wanted

        History(int seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            cache = new ResponseCache(Reads.config(1 << 20, 100), time::read, Duration.ofMinutes(11));
        }

        void step() {
            int thing = random.nextInt(THINGS);
            switch (random.nextInt(10)) {
                case 0 -> write(thing);
                case 1 -> changeElsewhere(thing);
                case 2 -> time.runUntil(time.read() + random.nextLong(70_000 * MILLISECOND));
                default -> {
                    long atLeast = written[thing];
                    read(
                            thing,
                            version -> assertThat(version).as("seed " + seed).isGreaterThanOrEqualTo(atLeast));
                }
            }
            time.runUntil(time.read() + random.nextLong(200 * MILLISECOND));
        }

        void read(int thing, LongConsumer reader) {
            reads++;
            Call call = Reads.of("t" + thing);
            CachedResponse cached = cache.find(Reads.POLICY.key(call.request())).orElse(null);
            boolean stale = random.nextInt(10) == 0
                    && cached != null
                    && cached.age(time.read()).toMinutes() < 10
                    && !over;
            if (cached != null && (stale || cached.fresh(time.read()))) {
                hits++;
                reader.accept(Reads.version(cached.answer()));
                return;
            }
            Flight current = flights.get(thing);
            if (current != null && cache.shareable(call.request(), Reads.POLICY, current.since())) {
                current.readers().add(reader);
                return;
            }
            fly(thing, call, reader);
        }

        private void fly(int thing, Call call, LongConsumer reader) {
            Flight flight = new Flight(cache.now(), new ArrayList<>(List.of(reader)));
            flights.put(thing, flight);
            time.after(way(), () -> {
                long version = truth[thing];
                time.after(way(), () -> {
                    cache.store(call.request(), Reads.POLICY, Reads.answer(version), flight.since());
                    flights.remove(thing, flight);
                    flight.readers().forEach(each -> each.accept(version));
                });
            });
        }

        private void write(int thing) {
            time.after(way(), () -> {
                long version = ++truth[thing];
                webhooks(thing, version);
                time.after(way(), () -> {
                    cache.invalidate(Reads.ACCOUNT, Set.of("t" + thing));
                    written[thing] = Math.max(written[thing], version);
                });
            });
        }

        private void changeElsewhere(int thing) {
            webhooks(thing, ++truth[thing]);
        }

        /** None, one or two, up to two minutes late. */
        private void webhooks(int thing, long version) {
            for (int deliveries = random.nextInt(3); deliveries > 0; deliveries--) {
                time.after(
                        random.nextLong(120_000 * MILLISECOND),
                        () -> cache.invalidate(Reads.ACCOUNT, Set.of("t" + thing), version));
            }
        }

        private long way() {
            return random.nextInt(20) == 0 ? random.nextLong(30_000 * MILLISECOND) : random.nextLong(300 * MILLISECOND);
        }

        void runAll() {
            while (time.runNext()) {
                // Each event may schedule others.
            }
        }
    }
}
