package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Priority;
import io.sluice.call.Call;
import io.sluice.call.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/** Threads that read and write at once, through flights that are shared. */
class ReadersAndWritersTest {
    private static final int THREADS = 8;
    private static final int STEPS = 20_000;
    private static final int THINGS = 4;

    private final ResponseCache cache =
            new ResponseCache(Reads.config(1 << 20, 100), System::nanoTime, Duration.ofMinutes(11));
    private final AtomicLongArray truth = new AtomicLongArray(THINGS);
    private final AtomicInteger fetches = new AtomicInteger();

    @Test
    void whoever_has_written_reads_nothing_older() throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            CachedReads reads =
                    new CachedReads(cache, System::nanoTime, Reads.config(1 << 20, 100), new Refreshes(threads));
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                SplittableRandom random = new SplittableRandom(thread);
                all.add(threads.submit(() -> play(reads, random)));
            }
            for (Future<?> each : all) {
                each.get();
            }
            assertThat(reads.sharing()).isZero();
        }
        assertThat(fetches.get()).isLessThan(THREADS * STEPS);
    }

    private @org.jspecify.annotations.Nullable Void play(CachedReads reads, SplittableRandom random)
            throws InterruptedException {
        for (int step = 0; step < STEPS; step++) {
            int thing = random.nextInt(THINGS);
            if (random.nextInt(20) == 0) {
                long atLeast = truth.incrementAndGet(thing);
                cache.invalidate(Reads.ACCOUNT, Set.of(Integer.toString(thing)));
                assertThat(read(reads, thing)).isGreaterThanOrEqualTo(atLeast);
            } else {
                read(reads, thing);
            }
        }
        return null;
    }

    /** The vendor, as a read has it. */
    private final class Vendor implements Origin {
        private final Call call;

        Vendor(Call call) {
            this.call = call;
        }

        @Override
        public Call call() {
            return call;
        }

        @Override
        public Result fetch(Call fetching) {
            fetches.incrementAndGet();
            Thread.onSpinWait();
            long version =
                    truth.get(Integer.parseInt(fetching.request().variables().getOrDefault("id", "")));
            Thread.onSpinWait();
            return Reads.answer(version).result();
        }

        @Override
        public boolean closed(Call asked) {
            return false;
        }
    }

    private long read(CachedReads reads, int thing) throws InterruptedException {
        Call call = Reads.of(Integer.toString(thing), "", Priority.INTERACTIVE, System.nanoTime() + 60_000_000_000L);
        Result result = reads.read(call.request(), Reads.POLICY, CacheDirectives.NONE, new Vendor(call))
                .result();
        try (InputStream body = ((Result.Answered) result).answer().body()) {
            return Long.parseLong(new String(body.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
