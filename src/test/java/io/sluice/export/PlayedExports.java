package io.sluice.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.export.files.FileRegistry;
import io.sluice.export.files.ResultFiles;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobState;
import io.sluice.export.slots.SlotStore;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Exports on virtual time: time passes in ticks, and steps are taken when it is their turn. */
final class PlayedExports {
    private static final Duration TICK = Duration.ofSeconds(1);
    /** For how long ticks come as they do; after that they are rarer, since little happens. */
    private static final Duration CLOSELY = Duration.ofMinutes(10);

    private static final int RARER = 400;

    final VirtualTime clock = new VirtualTime();
    final PlayedVendor vendor = new PlayedVendor(clock);
    final ExportStores stores;
    final JobStore store;
    final ExportRequests requests;
    final BreakingFiles files;
    private final ExportRetention retention;
    final ExportsConfig config = new ConfiguredExports();
    private final Deque<Runnable> steps = new ArrayDeque<>();
    private final Ulids ids = new Ulids(clock, new SplittableRandom(1));
    private ExportWorker exportWorker;
    private boolean databaseAway;

    PlayedExports(Database database, ResultFiles kept) {
        SlotStore slots = new SlotStore(database);
        store = new JobStore(database, slots) {
            @Override
            boolean save(Job job, Lease lease, Instant now, @Nullable Instant fileUntil) {
                if (databaseAway) {
                    throw TestDatabase.away();
                }
                return super.save(job, lease, now, fileUntil);
            }
        };
        stores = new ExportStores(store, slots, new FileRegistry(database), new DurationStore(database));
        requests = new ExportRequests(database, new IdempotencyStore(database), ids);
        files = new BreakingFiles(kept);
        retention = new ExportRetention(stores, files, config);
        exportWorker = newWorker();
    }

    private ExportWorker newWorker() {
        return new ExportWorker(
                stores,
                List.of(vendor),
                files,
                config,
                new ExportMeters(),
                clock,
                new SplittableRandom(2),
                ids,
                this::timed,
                steps::add);
    }

    private Timer.Alarm timed(Runnable task, Duration delay) {
        return clock.schedule(
                () -> {
                    task.run();
                    steps();
                },
                delay);
    }

    /** Ends the process without a word, and starts the next one. */
    void crash() {
        steps.clear();
        clock.forget();
        store.endLeases(clock.instant().plus(config.reconcileDelay()));
        exportWorker = newWorker();
    }

    /** Says whether the database takes anything of what comes of steps. */
    void databaseAway(boolean away) {
        databaseAway = away;
    }

    /** Has the process say goodbye. */
    void releaseLeases() {
        exportWorker.releaseLeases();
    }

    Export submit(String... parts) {
        return submit("team", Duration.ZERO, parts);
    }

    Export submit(String team, Duration allowance, String... parts) {
        Instant now = clock.instant();
        ExportRequests.ResolvedRequest request = new ExportRequests.ResolvedRequest(
                PlayedVendor.ACCOUNT,
                team,
                1,
                vendor.slots(),
                Stream.of(parts).map(part -> part(part, allowance)).toList(),
                now,
                now.minus(config.freshFor()),
                now.plus(config.maxQueued()),
                config.maxOpen());
        return ((ExportRequests.CreateResult.Created) requests.create(request, null, export -> "")).export();
    }

    private static Exporter.PartRequest part(String name, Duration allowance) {
        return new Exporter.PartRequest(
                name, "kind", JsonNodeFactory.instance.objectNode().put("part", name), allowance);
    }

    Export find(Export export) {
        return requests.find(export.id(), null).orElseThrow();
    }

    Export.Part part(Export export) {
        return find(export).parts().getFirst();
    }

    void cancel(Export export) {
        if (requests.cancel(export.id(), null, clock.instant()).isEmpty()) {
            throw new AssertionError("there is no export " + export.id());
        }
    }

    /** One tick now, with all steps that it leads to. */
    void tick() {
        exportWorker.tick();
        purge();
        steps();
    }

    /** Deletes the files and records whose retention has ended. */
    void purge() {
        retention.abandonedFiles().purge().run(clock.instant(), 100);
        retention.expiredFiles().purge().run(clock.instant(), 100);
        retention.records().purge().run(clock.instant(), 100);
    }

    /** All steps that were begun, without a tick: the process was asleep. */
    void steps() {
        for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
            step.run();
        }
    }

    /** A tick whose steps are begun by nobody: the process hangs. */
    void tickWithoutSteps() {
        exportWorker.tick();
    }

    void pass(Duration duration) {
        Instant end = clock.instant().plus(duration);
        while (clock.instant().isBefore(end)) {
            clock.pass(TICK);
            tick();
        }
    }

    /** Lets time pass until an export is as it should be; a day at the most. */
    Export until(Export export, Predicate<Export> there) {
        Instant begin = clock.instant();
        Instant end = begin.plus(Duration.ofDays(1)).plusSeconds(60);
        tick();
        for (Export now = find(export); ; now = find(export)) {
            if (there.test(now)) {
                return now;
            }
            if (clock.instant().isAfter(end)) {
                throw new AssertionError("it never came to that: " + now);
            }
            Duration passed = Duration.between(begin, clock.instant());
            clock.pass(passed.compareTo(CLOSELY) < 0 ? TICK : passed.dividedBy(RARER));
            tick();
        }
    }

    Export untilOver(Export export) {
        return until(export, now -> now.state().over());
    }

    Export.Part untilPart(Export export, JobState.Name state) {
        return until(export, now -> now.parts().getFirst().state() == state)
                .parts()
                .getFirst();
    }

    /** Files that break when they are told to. */
    static final class BreakingFiles implements ResultFiles {
        private final ResultFiles kept;
        private @Nullable IOException inCreate;
        private @Nullable IOException inWrite;
        private @Nullable IOException inFinish;
        private Runnable whileWriting = () -> {};

        BreakingFiles(ResultFiles kept) {
            this.kept = kept;
        }

        void breakCreate(@Nullable IOException e) {
            inCreate = e;
        }

        void breakWrite(@Nullable IOException e) {
            inWrite = e;
        }

        void breakFinish(@Nullable IOException e) {
            inFinish = e;
        }

        void whileWriting(Runnable doing) {
            whileWriting = doing;
        }

        @Override
        public ResultWriter create(String key) throws IOException {
            thrown(inCreate);
            ResultWriter writer = kept.create(key);
            return new ResultWriter() {
                @Override
                public void write(int one) throws IOException {
                    write(new byte[] {(byte) one}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    thrown(inWrite);
                    whileWriting.run();
                    writer.write(bytes, offset, length);
                }

                @Override
                public void finish() throws IOException {
                    thrown(inFinish);
                    writer.finish();
                }

                @Override
                public void close() throws IOException {
                    writer.close();
                }
            };
        }

        private static void thrown(@Nullable IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
        }

        @Override
        public InputStream open(String key, long from) throws IOException {
            return kept.open(key, from);
        }

        @Override
        public void delete(String key) throws IOException {
            kept.delete(key);
        }
    }
}
