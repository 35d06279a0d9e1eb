package io.sluice.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.Ulids;
import io.sluice.export.files.FolderFiles;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobState;
import io.sluice.export.job.SlotAware;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.process.BigExport;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Exports: how long 24 periods take beside a script that makes one after the other, what a tick costs however many exports
 * are stored, and how much memory the result of a gigabyte takes.
 */
public final class ExportBenchmark {
    private static final int PERIODS = 24;
    private static final int SLOTS = 3;
    /** The script that people have: it looks every 5 s, and rests for 10 s between two jobs. */
    private static final Duration SCRIPT_LOOKS = Duration.ofSeconds(5);

    private static final Duration SCRIPT_RESTS = Duration.ofSeconds(10);
    private static final int TICKS = 201;
    private static final int DUE = 10;
    private static final int PER_ORDER = 100;
    private static final long BIG = 1L << 30;

    private final Path directory;

    private ExportBenchmark(Path directory) {
        this.directory = directory;
    }

    /** Measures; takes some minutes. */
    public static String table() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("exports");
        try {
            ExportBenchmark benchmark = new ExportBenchmark(directory);
            return """
                    ## 7. Exports

                    %d periods of one forecast at a vendor with %d slots, on virtual time. The optimum begins the next job at the
                    very moment in which one ends, and sees each file at once. The script submits, looks every %d s and rests for
                    %d s before the next. Beyond the optimum, in percent; the goal is 5.

                    | jobs take | optimum | Sluice, first export of a forecast | Sluice, later | script |
                    |---|---|---|---|---|
                    %s
                    What a tick costs, median of %d, by how many exports of one part are stored: a tenth waits for a slot, the
                    others are done. SQLite, with every commit on the disk.

                    | stored | nothing is due | %d jobs are due | the database, MB |
                    |---|---|---|---|
                    %s
                    The result of one gigabyte, with `-Xmx128m`, by the packaged process: fetched from the vendor, checked and
                    stored, then downloaded.

                    | | |
                    |---|---|
                    %s
                    """.formatted(
                            PERIODS,
                            SLOTS,
                            SCRIPT_LOOKS.toSeconds(),
                            SCRIPT_RESTS.toSeconds(),
                            benchmark.periods(),
                            TICKS,
                            DUE,
                            benchmark.ticks(),
                            benchmark.big());
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private String periods() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int[] seconds : new int[][] {{20, 20}, {60, 60}, {40, 80}, {300, 300}, {200, 400}}) {
            long[] durations = new SplittableRandom(seconds[0] + seconds[1])
                    .longs(2L * PERIODS, seconds[0] * 1_000L, seconds[1] * 1_000L + 1)
                    .toArray();
            long[] first = Arrays.copyOf(durations, PERIODS);
            long[] later = Arrays.copyOfRange(durations, PERIODS, durations.length);
            Duration optimum = optimum(first);
            PlayedExports played = new PlayedExports(
                    TestDatabase.fastSqlite(directory.resolve("periods" + seconds[0] + seconds[1])),
                    new FolderFiles(directory.resolve("files")));
            played.vendor.slots(SLOTS);
            // An export of another forecast, long ago, has told how many slots there are.
            played.stores.slots().watch(PlayedVendor.ACCOUNT, SLOTS);
            Duration sluiceFirst = exported(played, first, "first");
            Duration sluiceLater = exported(played, later, "later");
            rows.append("| %s s | %,d s | +%.1f %% (%,d s) | +%.1f %% | +%.0f %% (%,d s) |%n"
                    .formatted(
                            seconds[0] == seconds[1] ? seconds[0] : seconds[0] + " to " + seconds[1],
                            optimum.toSeconds(),
                            beyond(sluiceFirst, optimum),
                            sluiceFirst.toSeconds(),
                            beyond(sluiceLater, optimum(later)),
                            beyond(scripted(first), optimum),
                            scripted(first).toSeconds()));
        }
        return rows.toString();
    }

    private static double beyond(Duration took, Duration optimum) {
        return 100.0 * took.minus(optimum).toMillis() / optimum.toMillis();
    }

    private static Duration exported(PlayedExports played, long[] millis, String name) {
        for (long duration : millis) {
            played.vendor.submissions.add(job -> {
                played.vendor.takes(Duration.ofMillis(duration));
                return new Exporter.Submission.Accepted(
                        played.vendor.begin(job.parameters().path("part").asText()));
            });
        }
        Instant begin = played.clock.instant();
        Export export = played.submit(
                IntStream.range(0, millis.length).mapToObj(i -> name + "-" + i).toArray(String[]::new));
        while (!played.find(export).state().over()) {
            played.pass(Duration.ofSeconds(1));
        }
        if (played.find(export).state() != Export.State.DONE || played.vendor.most() > SLOTS) {
            throw new IllegalStateException("it went wrong: " + played.find(export));
        }
        return Duration.between(begin, played.clock.instant());
    }

    /** Each job begins in its turn, as soon as a slot is free. */
    private static Duration optimum(long[] millis) {
        PriorityQueue<Long> ends = new PriorityQueue<>();
        long last = 0;
        for (long duration : millis) {
            long begin = ends.size() < SLOTS ? 0 : ends.remove();
            ends.add(begin + duration);
            last = Math.max(last, begin + duration);
        }
        return Duration.ofMillis(last);
    }

    private static Duration scripted(long[] millis) {
        long now = 0;
        for (long duration : millis) {
            long looks = Math.ceilDiv(duration, SCRIPT_LOOKS.toMillis());
            now += looks * SCRIPT_LOOKS.toMillis() + SCRIPT_RESTS.toMillis();
        }
        return Duration.ofMillis(now - SCRIPT_RESTS.toMillis());
    }

    private String ticks() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int stored : new int[] {10, 1_000, 100_000}) {
            rows.append(ticks(stored));
        }
        return rows.toString();
    }

    private String ticks(int stored) throws IOException {
        Path file = directory.resolve("ticks" + stored);
        Database database = TestDatabase.sqlite(file);
        store(stored, database);
        // Every slot is another's, so that nothing is begun.
        PlayedExports played = new PlayedExports(database, new FolderFiles(directory.resolve("files")));
        played.stores.slots().watch(PlayedVendor.ACCOUNT, 1);
        played.stores
                .slots()
                .learn(PlayedVendor.ACCOUNT, "team", new SlotAware.Capacity(1, 1, Set.of()), played.clock.instant());
        double[] idle = new double[TICKS];
        double[] busy = new double[TICKS];
        for (int i = 0; i < TICKS; i++) {
            idle[i] = millis(played::tickWithoutSteps);
            due(database, played.clock.instant());
            busy[i] = millis(played::tick);
        }
        Arrays.sort(idle);
        Arrays.sort(busy);
        return "| %,d | %.2f ms | %.2f ms | %.1f |%n"
                .formatted(stored, idle[TICKS / 2], busy[TICKS / 2], Files.size(file) / 1e6);
    }

    private static double millis(Runnable what) {
        long begin = System.nanoTime();
        what.run();
        return (System.nanoTime() - begin) / 1e6;
    }

    /** Fills a database with exports of one part; a tenth waits, the others are done. */
    private static void store(int exports, Database database) {
        VirtualTime clock = new VirtualTime();
        ExportRequests requests =
                new ExportRequests(database, new IdempotencyStore(database), new Ulids(clock, new SplittableRandom(5)));
        Instant now = clock.instant();
        for (int i = 0; i < exports * 9 / 10; i += PER_ORDER) {
            submit(requests, now, i, Math.min(i + PER_ORDER, exports * 9 / 10));
        }
        JobState.Done done = new JobState.Done(
                "v",
                1,
                new JobState.Ended(null, null, 1_000L, Map.of()),
                new JobState.StoredFile("key", "text/plain", 1, "sha256"));
        update(
                database,
                new Sql("UPDATE export_job SET state = 'done', detail = ?, due_at = NULL, ended_at = ?, file_until = ?")
                        .with(JobJson.detail(done, null), now, now.plus(Duration.ofDays(30))));
        for (int i = exports * 9 / 10; i < exports; i += PER_ORDER) {
            submit(requests, now, i, Math.min(i + PER_ORDER, exports));
        }
        // Each part in an export of its own: to order them one by one takes the disk minutes.
        update(
                database,
                new Sql(
                        "INSERT INTO export (id, vendor, account, team, state, created_at)"
                                + " SELECT 'exp_' || j.id, j.vendor, j.account, j.team, j.state, j.created_at FROM export_job j"));
        update(database, new Sql("UPDATE export_part SET export_id = 'exp_' || job_id, position = 0"));
        update(database, new Sql("DELETE FROM export WHERE id NOT IN (SELECT export_id FROM export_part)"));
    }

    private static void submit(ExportRequests requests, Instant now, int from, int to) {
        requests.create(
                new ExportRequests.ResolvedRequest(
                        PlayedVendor.ACCOUNT,
                        "team",
                        1,
                        1,
                        IntStream.range(from, to)
                                .mapToObj(i -> new Exporter.PartRequest(
                                        "part-" + i,
                                        "kind",
                                        JsonNodeFactory.instance.objectNode().put("part", "part-" + i),
                                        Duration.ZERO))
                                .toList(),
                        now,
                        now,
                        now.plus(Duration.ofDays(30)),
                        Integer.MAX_VALUE),
                null,
                export -> "");
    }

    private static void update(Database database, Sql sql) {
        database.inTransaction(sql::update);
    }

    private static void due(Database database, Instant now) {
        database.inTransaction(connection -> new Sql("UPDATE export_job SET due_at = ? WHERE id IN"
                        + " (SELECT id FROM export_job WHERE state = 'queued' LIMIT " + DUE + ")")
                .with(now)
                .update(connection));
    }

    private String big() throws IOException, InterruptedException {
        BigExport.Made made = BigExport.make(BIG, directory.resolve("big"));
        return """
                | from the order until it is stored | %.1f s |
                | download | %.1f s |
                | most memory of the process, heap or not | %s |
                """.formatted(
                        made.export().toMillis() / 1e3,
                        made.download().toMillis() / 1e3,
                        made.peakMemory().isPresent()
                                ? made.peakMemory().getAsLong() / 1_000_000 + " MB"
                                : "not told by this system");
    }
}
