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
    /** For how long processes are killed, where starting takes so long that so many cannot be in a short time. */
    private static final Duration SHORT = Duration.ofSeconds(50);

    @TempDir
    Path directory;

    @Test
    void every_part_is_made_once_however_often_the_process_is_killed() throws Exception {
        killed(Moments.count(20), SHORT);
    }

    @Test
    @Tag("proof")
    void every_part_is_made_once_however_often_the_process_is_killed_at_length() throws Exception {
        killed(Moments.count(200), Duration.ofHours(6));
    }

    private void killed(int atMost, Duration longest) throws Exception {
        Moments moments = new Moments();
        System.out.println(moments);
        Duration patience = longest.plusMinutes(3);
        AtomicReference<SluiceProcess> sluice = new AtomicReference<>();
        try (Vendors vendors = Vendors.start();
                ManyExports exports = new ManyExports(sluice::get, patience);
                ExecutorService orders = Executors.newVirtualThreadPerTaskExecutor()) {
            misbehave(vendors);
            long begin = System.nanoTime();
            sluice.set(start(vendors).ready());
            Duration starting = Duration.ofNanos(System.nanoTime() - begin);
            Future<?> ordered = orders.submit(() -> {
                exports.order();
                return null;
            });
            int kills = 0;
            while (kills < atMost && System.nanoTime() - begin < longest.toNanos()) {
                // Some moments are before it is ready: it may be killed while it picks up what the last one has left.
                boolean ended = sluice.get().endedWithin(moments.within(starting.plus(AT_WORK)));
                assertThat(ended).as(sluice.get().log()).isFalse();
                sluice.get().kill();
                sluice.getAndSet(start(vendors)).close();
                kills++;
            }
            sluice.get().ready();

            ordered.get();
            exports.await();

            exports.check(vendors);
            exports.until("files that nobody knows of are deleted", () -> files().size() == ManyExports.PARTS);
            System.out.println("killed " + kills + " times in "
                    + Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s; at the vendor: "
                    + vendors.report());
        } catch (Exception | AssertionError e) {
            throw new AssertionError("with -D" + moments, e);
        } finally {
            SluiceProcess last = sluice.get();
            if (last != null) {
                last.close();
            }
        }
    }

    static void misbehave(Vendors vendors) throws Exception {
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
