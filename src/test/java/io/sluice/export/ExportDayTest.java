package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.export.files.ResultFiles;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.reconcile.Candidates;
import io.sluice.simulation.VendorLimiter;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Sql;
import io.sluice.store.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A day of 10 000 exports of five teams at a vendor with 3 slots and 50 calls in any 10 s, paced by a real budget, on
 * virtual time. Three teams come with a backlog in the night, the others' orders come over the day. Ticks are rarer than
 * in production, to be done in seconds.
 */
@SuppressWarnings("NullAway.Init") // injected
class ExportDayTest {
    private static final long SEED = 20_261_122;
    private static final int EXPORTS_AN_HOUR = 10_000 / 24;
    private static final int BACKLOG_AN_HOUR = 1_000 / 24;
    private static final int SLOTS = 3;
    private static final int CALLS = 50;
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofSeconds(5);
    private static final Map<String, Integer> BACKLOGGED = Map.of("ant", 1, "bee", 1, "cow", 2);
    private static final List<String> TEAMS = List.of("ant", "bee", "cow", "dog", "elk");

    @TempDir
    Path directory;

    @Test
    void a_morning_ends_with_every_export_made_once() {
        everyExportIsMadeOnce(6);
    }

    @Tag("proof")
    @Test
    void a_day_ends_with_every_export_made_once() {
        everyExportIsMadeOnce(24);
    }

    private void everyExportIsMadeOnce(int hours) {
        Day day = new Day(directory, SEED, hours);

        day.pass();

        String seed = "seed " + SEED;
        assertThat(day.vendor.jobsByPart)
                .as(seed)
                .hasSize(day.exports)
                .allSatisfy((part, jobs) -> assertThat(jobs).as(part).isOne());
        assertThat(day.states()).as(seed).containsExactly(Map.entry("done", day.requests));
        assertThat(day.vendor.most).as("jobs at the vendor at once, %s", seed).isEqualTo(SLOTS);
        assertThat(day.vendor.tooMany)
                .as("calls beyond %d in 10 s, %s", CALLS, seed)
                .isZero();
        assertThat(day.vendor.slotsRefused)
                .as("orders refused for slots, %s", seed)
                .isZero();
        assertThat(day.vendor.unfairness)
                .as("jobs a team was ahead or behind, %s", seed)
                .isLessThanOrEqualTo(2.0);
        assertThat(day.vendor.looks)
                .as("looks at %d jobs, %s", day.exports, seed)
                .isLessThan(4 * day.exports);
        assertThat(day.vendor.bunch).as("looks in any second, %s", seed).isLessThanOrEqualTo(6);
        assertThat(day.time.read()).as(seed).isLessThan(Duration.ofHours(hours).toNanos());
    }

    private static final class Day {
        final VirtualTime time = new VirtualTime();
        final RandomGenerator random;
        final DayVendor vendor;
        private final ExportRequests book;
        private final ExportWorker exportWorker;
        private final ExportsConfig config = new ConfiguredExports();
        private final io.sluice.store.Database database;
        final int exports;
        int requests;
        private final int hours;
        private int parts;

        Day(Path directory, long seed, int hours) {
            this.hours = hours;
            exports = EXPORTS_AN_HOUR * hours;
            SplittableRandom seeds = new SplittableRandom(seed);
            random = seeds.split();
            database = TestDatabase.fastSqlite(directory.resolve("db"));
            Ulids ids = new Ulids(time, seeds.split());
            book = new ExportRequests(database, new IdempotencyStore(database), ids);
            vendor = new DayVendor(
                    time,
                    seeds.split(),
                    VirtualTime.START.plus(Duration.ofHours(hours).dividedBy(8)));
            exportWorker = new ExportWorker(
                    ExportStores.of(database),
                    List.of(vendor),
                    new NoFiles(),
                    config,
                    new ExportMeters(),
                    time,
                    seeds.split(),
                    ids,
                    time,
                    // Threads begin when they please.
                    step -> time.after(random.nextLong(1_500_000_000L), step));
        }

        void pass() {
            int backlog = BACKLOG_AN_HOUR * hours / 20 * 20;
            BACKLOGGED.forEach((team, weight) -> {
                for (int ordered = 0; ordered < backlog; ordered += 20) {
                    submit(team, weight, 20);
                }
            });
            long begin = Duration.ofHours(hours).toNanos() / 6;
            long length = 4 * begin;
            for (int i = backlog * BACKLOGGED.size(); i < exports; i++) {
                String team = TEAMS.get(random.nextInt(TEAMS.size()));
                time.after(begin + random.nextLong(length), () -> submit(team, BACKLOGGED.getOrDefault(team, 1), 1));
            }
            long end = Duration.ofHours(hours).toNanos();
            while (time.read() < end && (parts < exports || vendor.fetched < exports)) {
                exportWorker.tick();
                time.pass(TICK);
            }
            time.pass(TICK);
        }

        private void submit(String team, int weight, int count) {
            List<Exporter.PartRequest> ordered = IntStream.range(0, count)
                    .mapToObj(i -> "part-" + parts++)
                    .map(part -> new Exporter.PartRequest(
                            part,
                            "kind " + team,
                            JsonNodeFactory.instance.objectNode().put("part", part),
                            Duration.ZERO))
                    .toList();
            requests++;
            vendor.waiting.merge(team, count, Integer::sum);
            Instant now = time.instant();
            ExportRequests.CreateResult created = book.create(
                    new ExportRequests.ResolvedRequest(
                            new AccountId("acme", "default"),
                            team,
                            weight,
                            1,
                            ordered,
                            now,
                            now.minus(config.freshFor()),
                            now.plus(config.maxQueued()),
                            config.maxOpen()),
                    null,
                    export -> "");
            assertThat(created).isInstanceOf(ExportRequests.CreateResult.Created.class);
        }

        /** How many exports are in each state. */
        Map<String, Integer> states() {
            Map<String, Integer> states = new HashMap<>();
            database.inTransaction(connection -> new Sql("SELECT state, count(*) AS exports FROM export GROUP BY state")
                    .list(connection, row -> states.put(row.getString("state"), row.getInt("exports"))));
            return states;
        }
    }

    /** Three slots, and 50 calls in any 10 s, each of which waits for its permit at the budget. */
    private static final class DayVendor extends PlayedVendor {
        private static final String BUDGET = NAME + "/" + ACCOUNT;

        private final Instant backloggedUntil;

        private final VirtualTime time;
        private final RandomGenerator random;
        private final Budget budget;
        private final VendorLimiter limiter = new VendorLimiter.SlidingLog(CALLS, WINDOW.toNanos());
        private final Map<String, Instant> ends = new HashMap<>();
        private final Map<String, Long> took = new HashMap<>();
        private final Map<String, Integer> served = new HashMap<>();
        private final List<Long> lastLooks = new ArrayList<>();
        final Map<String, Integer> waiting = new HashMap<>();
        final Map<String, Integer> jobsByPart = new HashMap<>();
        int most;
        int tooMany;
        int slotsRefused;
        int fetched;
        int looks;
        int bunch;
        double unfairness;

        DayVendor(VirtualTime time, RandomGenerator random, Instant backloggedUntil) {
            super(time);
            this.backloggedUntil = backloggedUntil;
            this.time = time;
            this.random = random;
            budget = new PacedBudget(time, time);
            budget.define(BUDGET, List.of(new Limit.Rate("api", CALLS, WINDOW, Limiter.UNKNOWN, 1)));
        }

        /** Sends a call, if the budget has a permit for it now. */
        private Optional<Duration> send(String team) {
            AtomicReference<Decision> decided = new AtomicReference<>();
            budget.enqueue(
                    new PermitRequest(
                            BUDGET,
                            "any",
                            List.of(LimitCost.on("api")),
                            new TeamShare(team, 1, 1_000),
                            Priority.BULK,
                            Duration.ZERO,
                            Optional.empty()),
                    decided::set);
            return switch (decided.get()) {
                case Decision.Granted granted -> {
                    assertThat(granted.permit().send()).isTrue();
                    tooMany += limiter.admits(time.read()) ? 0 : 1;
                    granted.permit().complete(LimitFeedback.NONE);
                    yield Optional.empty();
                }
                case Decision.Denied denied -> Optional.of(denied.retryAfter());
            };
        }

        private void called(String team) throws RetryLaterException {
            Optional<Duration> wait = send(team);
            if (wait.isPresent()) {
                throw new RetryLaterException(wait.get(), "no permit is free");
            }
        }

        private int under() {
            Instant now = time.instant();
            ends.values().removeIf(end -> !end.isAfter(now));
            return ends.size();
        }

        @Override
        public Submission submit(JobSpec job, BooleanSupplier leaseValid) {
            Optional<Duration> wait = send(job.team());
            if (wait.isPresent()) {
                return new Submission.RetryLater(wait.get(), "no permit is free");
            }
            if (under() >= SLOTS) {
                slotsRefused++;
                return new Submission.SlotsTaken("all slots are taken");
            }
            String part = job.parameters().path("part").asText();
            jobsByPart.merge(part, 1, Integer::sum);
            long millis = random.nextLong(12_000, 18_000);
            took.put(part, millis);
            ends.put(part, time.instant().plusMillis(millis));
            most = Math.max(most, ends.size());
            served(job.team());
            return new Submission.Accepted(part);
        }

        /** While all three wait, none may be ahead of another by more than its turn. */
        private void served(String team) {
            served.merge(team, 1, Integer::sum);
            boolean allWait = BACKLOGGED.keySet().stream().allMatch(other -> waiting.getOrDefault(other, 0) > 2);
            waiting.merge(team, -1, Integer::sum);
            if (allWait && time.instant().isBefore(backloggedUntil)) {
                List<Double> shares = BACKLOGGED.entrySet().stream()
                        .map(flow -> served.getOrDefault(flow.getKey(), 0) / (double) flow.getValue())
                        .sorted()
                        .toList();
                unfairness = Math.max(unfairness, shares.getLast() - shares.getFirst());
            }
        }

        @Override
        public Candidates<String> findSubmitted(JobSpec job, Instant submittedAt) throws RetryLaterException {
            called(job.team());
            return Candidates.of(List.of());
        }

        @Override
        public Report poll(JobSpec job, String vendorJobId) throws RetryLaterException {
            called(job.team());
            looks++;
            long now = time.read();
            lastLooks.add(now);
            lastLooks.removeIf(at -> at <= now - 1_000_000_000L);
            bunch = Math.max(bunch, lastLooks.size());
            under();
            return ends.containsKey(vendorJobId)
                    ? new Report.Running()
                    : new Report.Ended(new JobState.Ended(null, null, took.get(vendorJobId), Map.of()));
        }

        @Override
        public Content fetch(JobSpec job, String vendorJobId) throws RetryLaterException {
            called(job.team());
            fetched++;
            return new Content("text/plain", OptionalLong.of(1), new ByteArrayInputStream(new byte[1]));
        }

        @Override
        public ContentCheck check(JobSpec job, String contentType) {
            return new ContentCheck() {
                @Override
                public void pass(byte[] bytes, int length) {
                    // Every file is right.
                }

                @Override
                public Optional<JobProblem> verdict() {
                    return Optional.empty();
                }
            };
        }

        @Override
        public void cancel(JobSpec job, String vendorJobId) {
            throw new UnsupportedOperationException("nobody cancels");
        }

        @Override
        public Capacity capacity(String account, String team) throws RetryLaterException {
            called(team);
            return new Capacity(SLOTS, under(), Set.copyOf(ends.keySet()));
        }
    }

    /** Takes files and keeps none. */
    private static final class NoFiles implements ResultFiles {
        @Override
        public ResultWriter create(String key) {
            return new ResultWriter() {
                @Override
                public void write(int one) {
                    // Not kept.
                }

                @Override
                public void finish() {
                    // Not kept.
                }
            };
        }

        @Override
        public InputStream open(String key, long from) throws IOException {
            throw new NoSuchFileException(key);
        }

        @Override
        public void delete(String key) {
            // There is none.
        }
    }
}
