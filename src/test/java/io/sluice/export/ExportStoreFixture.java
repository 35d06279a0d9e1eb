package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.export.ExportRequests.CreateResult;
import io.sluice.export.files.FileRegistry;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState.Done;
import io.sluice.export.job.JobState.Ended;
import io.sluice.export.job.JobState.Failed;
import io.sluice.export.job.JobState.Fetching;
import io.sluice.export.job.JobState.Queued;
import io.sluice.export.job.JobState.Running;
import io.sluice.export.job.JobState.StoredFile;
import io.sluice.export.job.SlotAware;
import io.sluice.export.slots.SlotStore;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** The stores of exports on a database, and the steps that tests of them have in common. */
@SuppressWarnings("NullAway.Init") // set up before each test
abstract class ExportStoreFixture {
    static final String VENDOR = "acme";
    static final AccountId ACCOUNT = new AccountId(VENDOR, "default");
    static final AccountId ELSEWHERE = new AccountId(VENDOR, "elsewhere");
    static final Duration DAY = Duration.ofDays(1);
    static final Ended ENDED = new Ended("file.json", null, 4_000L, Map.of("rows_truncated", true));

    final VirtualTime clock = new VirtualTime();
    Database database;
    JobStore store;
    SlotStore slotStore;
    FileRegistry files;
    DurationStore durations;
    ExportRequests requests;

    /** A new, empty database. */
    abstract Database database();

    @BeforeEach
    void open() {
        database = database();
        ExportStores stores = ExportStores.of(database);
        store = stores.jobs();
        slotStore = stores.slots();
        files = stores.files();
        durations = stores.durations();
        requests =
                new ExportRequests(database, new IdempotencyStore(database), new Ulids(clock, new SplittableRandom(1)));
    }

    JobStore.Lease lease(String owner) {
        return new JobStore.Lease(owner, 1, clock.instant().plusSeconds(30));
    }

    List<Job> claimDue(String owner) {
        return store.claimDue(clock.instant(), clock.instant(), lease(owner), 100);
    }

    Optional<Job> claimNext(String owner) {
        Instant now = clock.instant();
        return store.claimNext(ACCOUNT, now, now.plusSeconds(10), lease(owner));
    }

    void claimAll(int jobs) {
        slots(100);
        for (int i = 0; i < jobs; i++) {
            save(running(claimNext("one").orElseThrow(), "v" + i), "one");
        }
    }

    List<String> served(int jobs) {
        List<String> teams = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            Job next = claimNext("one").orElseThrow();
            teams.add(next.spec().team());
            save(running(next, next.id()), "one");
        }
        return teams;
    }

    boolean save(Job job, String owner) {
        return store.save(job, lease(owner), clock.instant(), null);
    }

    int others() {
        return slotStore.of(ACCOUNT).orElseThrow().others();
    }

    void learn(int slots, int taken, String... jobs) {
        slotStore.learn(ACCOUNT, "payer", new SlotAware.Capacity(slots, taken, Set.of(jobs)), clock.instant());
    }

    void slots(int slots) {
        slotStore.watch(ACCOUNT, slots);
        learn(slots, 0);
    }

    /** Orders a part, and has it run at the vendor; due in 5 s. */
    Job running(String part, String vendorJob) {
        submit("team", part);
        slots(100);
        Job running = running(claimNext("setup").orElseThrow(), vendorJob);
        save(running, "setup");
        return running;
    }

    /** Has the next part in the queue done. */
    void done(String part) {
        Job job = claimNext("setup").orElseThrow();
        assertThat(job.spec().parameters().path("part").asText()).isEqualTo(part);
        store.save(
                finished(job), lease("setup"), clock.instant(), clock.instant().plus(DAY));
    }

    Job running(Job job, String vendorJob) {
        Instant now = clock.instant();
        return job.next(new Running(vendorJob, now, 0, null, List.of()), now.plusSeconds(5), now.plus(DAY));
    }

    Job fetching(Job job) {
        Instant now = clock.instant();
        return job.next(new Fetching((Running) job.state(), ENDED, 0), now, now.plus(DAY));
    }

    Job finished(Job job) {
        String part = job.spec().parameters().path("part").asText();
        files.begin("key-" + part, job.id());
        return job.over(new Done("v-" + part, 1, ENDED, new StoredFile("key-" + part, "text/plain", 9, "ab")));
    }

    static Job failed(Job job) {
        return job.over(new Failed(null, 0, JobProblem.of(JobProblem.Kind.EXPORT_FAILED, "it failed")));
    }

    Job queued(Job job) {
        return new Job(
                job.id(),
                job.spec(),
                new Queued(),
                job.attempts(),
                clock.instant().plus(DAY),
                clock.instant().plus(DAY),
                false,
                null);
    }

    /** A job that was claimed, known by its id only. */
    static Job job(String id) {
        return new Job(
                id,
                new JobSpec(ACCOUNT, "team", "kind", JsonNodeFactory.instance.objectNode(), Duration.ZERO),
                new Queued(),
                1,
                null,
                null,
                false,
                null);
    }

    Export submit(String team, String... parts) {
        return submit(team, 1, parts);
    }

    Export submit(String team, int weight, String... parts) {
        return create(request(team, weight, ACCOUNT, List.of(parts), null), null);
    }

    CreateResult keyed(String team, String key, String hash, String answer, String... parts) {
        return requests.create(
                request(team, 1, ACCOUNT, List.of(parts), null),
                new ExportRequests.Key(key, hash, DAY),
                export -> answer);
    }

    /** @param anew given if no file that is there will do */
    ExportRequests.ResolvedRequest request(
            String team, int weight, AccountId account, List<String> parts, @Nullable Duration anew) {
        Instant now = clock.instant();
        return new ExportRequests.ResolvedRequest(
                account,
                team,
                weight,
                1,
                parts.stream().map(ExportStoreFixture::part).toList(),
                now,
                anew != null ? null : now.minus(Duration.ofMinutes(15)),
                now.plus(DAY),
                10_000);
    }

    Export create(ExportRequests.ResolvedRequest request, ExportRequests.@Nullable Key key) {
        return ((CreateResult.Created) requests.create(request, key, export -> "")).export();
    }

    static Exporter.PartRequest part(String name) {
        return new Exporter.PartRequest(
                name, "kind", JsonNodeFactory.instance.objectNode().put("part", name), Duration.ZERO);
    }

    static String[] parts(int count) {
        return parts("p", count);
    }

    static String[] parts(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toArray(String[]::new);
    }

    static String jobOf(Export export, String part) {
        return export.parts().stream()
                .filter(candidate -> candidate.part().equals(part))
                .findFirst()
                .orElseThrow()
                .job();
    }

    Export find(Export export) {
        return requests.find(export.id(), null).orElseThrow();
    }

    Export.State state(Export export) {
        return find(export).state();
    }

    List<String> list(
            @Nullable String team, Export.@Nullable State state, @Nullable String vendor, @Nullable String cursor) {
        return requests.list(new ExportRequests.Filter(team, state, vendor), cursor, 10).stream()
                .map(Export::id)
                .toList();
    }

    /** What threads do, that begin together. */
    @FunctionalInterface
    interface Doing<T> {
        List<T> by(int thread) throws Exception;
    }

    static <T> List<T> together(int threads, Doing<T> doing) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<List<T>>> tasks = IntStream.range(0, threads)
                    .<Callable<List<T>>>mapToObj(thread -> () -> {
                        start.await();
                        return doing.by(thread);
                    })
                    .toList();
            List<T> all = new ArrayList<>();
            for (Future<List<T>> task : pool.invokeAll(tasks)) {
                all.addAll(task.get());
            }
            return all;
        }
    }
}
