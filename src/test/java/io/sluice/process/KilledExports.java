package io.sluice.process;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many parts are exported by processes of one store, which are killed at random moments, or sleep beyond their leases, while
 * the vendor loses answers and breaks off. Each part is made once all the same.
 */
abstract class KilledExports {
    private static final int SOME = 24;
    private static final int MANY = 60;

    /** How long all jobs take one after the other: three at a time, they last through most of the killing. */
    private static final Duration JOBS_PER_KILL = Duration.ofSeconds(6);
    /** After every so many kills a process sleeps, if there is another one to take over. */
    private static final int KILLS_PER_SLEEP = 6;
    /** As long as most leases have left, so that others take over. */
    private static final Duration SLEEP = Duration.ofMillis(3_900);

    private final AtomicReferenceArray<SluiceProcess> processes;
    private final Duration atWork;

    /** @param atWork beyond its start, how long a process lives at most */
    KilledExports(int processes, Duration atWork) {
        this.processes = new AtomicReferenceArray<>(processes);
        this.atWork = atWork;
    }

    abstract SluiceProcess start(Vendors vendors) throws IOException;

    /** The files there are, those that nobody knows of first if that can be told. */
    abstract Collection<String> files() throws Exception;

    /** What else happens after half of the kills. */
    void halfway(Vendors vendors) throws Exception {}

    @Test
    void every_part_is_made_once_however_often_a_process_is_killed() throws Exception {
        killed(Moments.count(KILLS_PER_SLEEP), SOME);
    }

    @Test
    @Tag("proof")
    void every_part_is_made_once_however_often_a_process_is_killed_at_length() throws Exception {
        killed(Moments.count(200), MANY);
    }

    private void killed(int times, int parts) throws Exception {
        Moments moments = new Moments();
        System.out.println(moments);
        try (Vendors vendors = Vendors.start();
                ManyExports exports = new ManyExports(this::anybody, parts, patience(times));
                ExecutorService orders = Executors.newVirtualThreadPerTaskExecutor()) {
            misbehave(vendors, JOBS_PER_KILL.multipliedBy(times).dividedBy(parts));
            // Recorded before a start is timed, since it takes several times as long.
            Optional<List<String>> _ = AotJar.options();
            long begin = System.nanoTime();
            for (int i = 0; i < processes.length(); i++) {
                processes.set(i, start(vendors));
            }
            process(0).ready();
            Duration life = Duration.ofNanos(System.nanoTime() - begin).plus(atWork);
            Future<?> ordered = orders.submit(() -> {
                exports.order();
                return null;
            });
            try {
                strike(times, moments, life, vendors);
            } catch (Exception | AssertionError e) {
                ordered.cancel(true);
                throw e;
            }
            for (int i = 0; i < processes.length(); i++) {
                process(i).ready();
            }

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
            for (int i = 0; i < processes.length(); i++) {
                SluiceProcess last = processes.get(i);
                if (last != null) {
                    last.close();
                }
            }
        }
    }

    private void strike(int times, Moments moments, Duration life, Vendors vendors) throws Exception {
        for (int kills = 0; kills < times; kills++) {
            if (kills == times / 2) {
                halfway(vendors);
            }
            int victim = any(moments);
            // Some moments are before it is ready: it may be killed while it picks up what the last one has left.
            endures(victim, moments.within(life));
            kill(victim, vendors);
            if (processes.length() > 1 && kills % KILLS_PER_SLEEP == KILLS_PER_SLEEP - 1) {
                int sleeper = any(moments);
                process(sleeper).ready();
                endures(sleeper, moments.within(SLEEP));
                process(sleeper).sleep(SLEEP);
            }
        }
    }

    private void endures(int process, Duration wait) throws Exception {
        if (process(process).endedWithin(wait)) {
            throw new AssertionError("it ended by itself: " + process(process).log());
        }
    }

    /** Not one of the moments: how often somebody is asked depends on the machine. */
    private SluiceProcess anybody() {
        return process(ThreadLocalRandom.current().nextInt(processes.length()));
    }

    final SluiceProcess process(int index) {
        return processes.get(index);
    }

    final void kill(int victim, Vendors vendors) throws Exception {
        process(victim).kill();
        processes.getAndSet(victim, start(vendors)).close();
    }

    private int any(Moments moments) {
        return moments.below(processes.length());
    }

    /** How long all of it may take, on a slow machine. */
    private static Duration patience(int kills) {
        return Duration.ofSeconds(30L * kills).plusMinutes(5);
    }

    private static void misbehave(Vendors vendors, Duration job) throws Exception {
        vendors.clari("{\"started_ms\":" + job.toMillis() + "}");
        for (String fault : List.of("""
                {"vendor":"clari","operation":"export-forecast","fault":"lost-answer","probability":0.2}""", """
                {"vendor":"clari","operation":"export-forecast","fault":"status","status":503,"probability":0.2}""", """
                {"vendor":"clari","operation":"results","fault":"cut-answer","probability":0.1}""", """
                {"vendor":"clari","operation":"results","fault":"slow","delay_ms":500,"probability":0.3}""", """
                {"vendor":"clari","fault":"status","status":500,"probability":0.05}""")) {
            vendors.fault(fault);
        }
    }
}
