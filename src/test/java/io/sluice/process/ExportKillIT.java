package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports outlive the process, whenever it is killed: nothing is lost, and nothing is made twice. */
class ExportKillIT {
    /** Beyond its start, how long a process lives at most. */
    private static final Duration AT_WORK = Duration.ofSeconds(2);
    /** How long a job takes: three at a time, sixty jobs then last through most of the killing. */
    private static final Duration JOB_PER_KILL = Duration.ofMillis(100);

    @TempDir
    Path directory;

    @Test
    void every_part_is_made_once_however_often_the_process_is_killed() throws Exception {
        killed(Moments.count(20));
    }

    @Test
    @Tag("proof")
    void every_part_is_made_once_however_often_the_process_is_killed_at_length() throws Exception {
        killed(Moments.count(200));
    }

    private void killed(int times) throws Exception {
        Moments moments = new Moments();
        System.out.println(moments);
        AtomicReference<SluiceProcess> sluice = new AtomicReference<>();
        try (Vendors vendors = Vendors.start();
                ManyExports exports = new ManyExports(sluice::get, patience(times));
                ExecutorService orders = Executors.newVirtualThreadPerTaskExecutor()) {
            misbehave(vendors, times);
            long begin = System.nanoTime();
            sluice.set(start(vendors).ready());
            Duration starting = Duration.ofNanos(System.nanoTime() - begin);
            Future<?> ordered = orders.submit(() -> {
                exports.order();
                return null;
            });
            for (int kills = 0; kills < times; kills++) {
                // Some moments are before it is ready: it may be killed while it picks up what the last one has left.
                boolean ended = sluice.get().endedWithin(moments.within(starting.plus(AT_WORK)));
                assertThat(ended).as(sluice.get().log()).isFalse();
                sluice.get().kill();
                sluice.getAndSet(start(vendors)).close();
            }
            sluice.get().ready();

            ordered.get();
            exports.await();

            exports.check(vendors);
            exports.awaitFiles(this::files);
            System.out.println("killed " + times + " times in "
                    + Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s; at the vendor: "
                    + vendors.report());
        } catch (Exception | AssertionError e) {
            throw moments.failed(e);
        } finally {
            SluiceProcess last = sluice.get();
            if (last != null) {
                last.close();
            }
        }
    }

    /** How long all of it may take, on a slow machine. */
    static Duration patience(int kills) {
        return Duration.ofSeconds(30L * kills).plusMinutes(5);
    }

    static void misbehave(Vendors vendors, int kills) throws Exception {
        vendors.clari("{\"started_ms\":" + JOB_PER_KILL.multipliedBy(kills).toMillis() + "}");
        for (String fault : List.of("""
                {"vendor":"clari","operation":"export-forecast","fault":"lost-answer","probability":0.2}""", """
                {"vendor":"clari","operation":"export-forecast","fault":"status","status":503,"probability":0.2}""", """
                {"vendor":"clari","operation":"results","fault":"cut-answer","probability":0.1}""", """
                {"vendor":"clari","fault":"status","status":500,"probability":0.05}""")) {
            vendors.fault(fault);
        }
    }

    private SluiceProcess start(Vendors vendors) throws IOException {
        return SluiceProcess.start(
                Stream.concat(vendors.settings().stream(), Stream.of("-Dsluice.data-dir=" + directory.resolve("data")))
                        .toArray(String[]::new));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data").resolve("exports"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
