package io.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.QueuePosition;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.HeapBudgetStore;
import io.sluice.simulation.VendorLimiter;
import io.sluice.simulation.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Table 9: how long calls wait that come at once to an idle limit, and what a vendor refuses of them. On virtual time, the
 * Node libraries too.
 */
final class BurstBenchmark {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final int OUT_MS = 10;
    private static final int JITTER_MS = 40;
    private static final int BACK_MS = 10;
    /** Before the first page: long enough for everything to be at rest, and no multiple of a window. */
    private static final long IDLE = 1_003 * SECOND;
    /** What writing an account to the disk takes. */
    private static final long SAVING = 5 * MILLI;

    private static final Duration PATIENT = Duration.ofHours(1);
    /** {@code sluice.permit-wait.default}. */
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

    private static final Path NODE = Path.of("src/test/node/bench");
    private static final List<String> LIMITERS = List.of("fixed", "sliding", "counter");

    /** Calls that come at once to a limit, as often as there are pages. */
    private record Load(int permits, int windowSeconds, int calls, int pages, int pageSeconds) {
        long window() {
            return windowSeconds * SECOND;
        }

        String words() {
            return pages == 1
                    ? "%d/%d s, %d calls".formatted(permits, windowSeconds, calls)
                    : "%d/%d s, a page of %d each %d s".formatted(permits, windowSeconds, calls, pageSeconds);
        }
    }

    private static final List<Load> LOADS = List.of(
            new Load(60, 60, 30, 1, 20),
            new Load(60, 60, 100, 1, 20),
            new Load(100, 10, 30, 1, 20),
            new Load(100, 10, 100, 1, 20),
            new Load(60, 60, 10, 30, 20),
            new Load(100, 10, 10, 30, 20));

    private record Scenario(Load load, String limiter) {
        VendorLimiter newLimiter() {
            long window = load.window();
            return switch (limiter) {
                case "fixed" -> new VendorLimiter.FixedWindows(load.permits(), window, window / 3);
                case "sliding" -> new VendorLimiter.SlidingLog(load.permits(), window);
                default -> new VendorLimiter.SlidingCounter(load.permits(), window, window / 3);
            };
        }
    }

    /**
     * What came of it; waits in seconds.
     *
     * @param atOnce how many calls of the first page went within 100 ms
     * @param refused how many attempts the vendor refused
     * @param shed how many calls the client itself refused, at once
     * @param other the wait of another team's call that came a second after the first page
     */
    private record Result(double p50, double longest, int atOnce, int refused, int shed, double other) {
        String waits() {
            return "%s / %s; %d".formatted(rounded(p50), rounded(longest), refused);
        }

        /** The same, with the other team's wait of a run in which there is one. */
        Result beside(Result together) {
            return new Result(p50, longest, atOnce, refused, shed, together.other);
        }

        static String rounded(double seconds) {
            return seconds < 0.1 ? "0" : "%.1f".formatted(seconds);
        }
    }

    /** Something that is asked before each attempt. */
    @FunctionalInterface
    private interface Client {
        /** Has an attempt go when it may, now or later; or says that it may not. */
        void ask(Attempt attempt);
    }

    /** One call's next attempt. */
    private abstract static class Attempt {
        final String team;
        Optional<QueuePosition> position = Optional.empty();

        Attempt(String team) {
            this.team = team;
        }

        /** It goes now; {@code answered} is told what the vendor says. */
        abstract void go(Consumer<Optional<Duration>> answered);

        abstract void shed();
    }

    private final Scenario scenario;
    private final VirtualTime time = new VirtualTime();
    private final SplittableRandom random = new SplittableRandom(1);
    private final VendorLimiter vendor;
    private final List<Double> waits = new ArrayList<>();
    private int atOnce;
    private int refused;
    private int shed;
    private double other;

    private BurstBenchmark(Scenario scenario) {
        this.scenario = scenario;
        this.vendor = scenario.newLimiter();
    }

    static String table() throws IOException {
        Map<String, Map<Scenario, Result>> results = new LinkedHashMap<>();
        Map<String, Function<BurstBenchmark, Client>> clients = new LinkedHashMap<>();
        clients.put("direct", run -> attempt -> attempt.go(answer -> {}));
        clients.put("Sluice", run -> run.sluice(BURSTS, PATIENT));
        clients.put("Sluice, `unknown`", run -> run.sluice(Limiter.UNKNOWN, PATIENT));
        clients.put("Bucket4j", BurstBenchmark::bucket4j);
        List<Scenario> scenarios = LOADS.stream()
                .flatMap(load -> LIMITERS.stream().map(limiter -> new Scenario(load, limiter)))
                .toList();
        clients.forEach((name, client) -> results.put(name, all(scenarios, client)));
        Map<Scenario, Result> hasty = all(scenarios, run -> run.sluice(BURSTS, DEFAULT_PATIENCE));
        node(scenarios, results);
        return format(scenarios, results, hasty);
    }

    /** The kind of limiter that lets an idle limit's calls go at once. */
    private static final Limiter BURSTS = Limiter.WINDOW;

    private static Map<Scenario, Result> all(List<Scenario> scenarios, Function<BurstBenchmark, Client> client) {
        Map<Scenario, Result> results = new HashMap<>();
        for (Scenario scenario : scenarios) {
            BurstBenchmark alone = new BurstBenchmark(scenario);
            Result result = alone.run(client.apply(alone), false);
            BurstBenchmark beside = new BurstBenchmark(scenario);
            results.put(scenario, result.beside(beside.run(client.apply(beside), true)));
        }
        return results;
    }

    private Result run(Client client, boolean beside) {
        Load load = scenario.load();
        time.runUntil(IDLE);
        for (int page = 0; page < load.pages(); page++) {
            boolean first = page == 0;
            time.after((long) page * load.pageSeconds() * SECOND, () -> {
                for (int call = 0; call < load.calls(); call++) {
                    make(client, "team", wait -> {
                        waits.add(wait);
                        atOnce += first && wait <= 0.1 ? 1 : 0;
                    });
                }
            });
        }
        if (beside) {
            time.after(SECOND, () -> make(client, "other", wait -> other = wait));
        }
        time.runUntil(IDLE + 3_600 * SECOND);
        if (waits.size() + shed < load.calls() * load.pages()) {
            throw new IllegalStateException("calls are left over: " + scenario);
        }
        Collections.sort(waits);
        return new Result(waits.get((waits.size() + 1) / 2 - 1), waits.getLast(), atOnce, refused, shed, other);
    }

    /** Makes a call: again, whenever the vendor says, until it is admitted. The wait is that for its last attempt. */
    private void make(Client client, String team, Consumer<Double> waited) {
        long asked = time.read();
        client.ask(new Attempt(team) {
            @Override
            void go(Consumer<Optional<Duration>> answered) {
                long sent = time.read();
                send(retryAfter -> {
                    answered.accept(retryAfter);
                    retryAfter.ifPresentOrElse(
                            wait -> time.schedule(() -> client.ask(this), wait),
                            () -> waited.accept((sent - asked) / (double) SECOND));
                });
            }

            @Override
            void shed() {
                shed++;
            }
        });
    }

    /** The vendor's answer: empty, or the Retry-After of a refusal in whole seconds. */
    private void send(Consumer<Optional<Duration>> answered) {
        time.after(OUT_MS * MILLI + random.nextLong(JITTER_MS * MILLI), () -> {
            long now = time.read();
            Optional<Duration> retryAfter = Optional.empty();
            if (!vendor.admits(now)) {
                refused++;
                long seconds = Math.max(1, Math.ceilDiv(vendor.resetAt(now) - now, SECOND));
                retryAfter = Optional.of(Duration.ofSeconds(seconds));
            }
            Optional<Duration> answer = retryAfter;
            time.after(BACK_MS * MILLI, () -> answered.accept(answer));
        });
    }

    private Client sluice(Limiter limiter, Duration maxWait) {
        Budget budget = new PacedBudget(time, time, time, new HeapBudgetStore(write -> time.after(SAVING, write)));
        Load load = scenario.load();
        budget.define(
                "vendor/account",
                List.of(new Limit.Rate(
                        "api",
                        load.permits(),
                        Duration.ofSeconds(load.windowSeconds()),
                        limiter,
                        Limit.Rate.NO_BURST)));
        return attempt -> {
            PermitRequest request = new PermitRequest(
                    "vendor/account",
                    "read",
                    List.of(LimitCost.on("api")),
                    new TeamShare(attempt.team, 1, 10_000),
                    Priority.INTERACTIVE,
                    maxWait,
                    attempt.position);
            budget.enqueue(request, decision -> decided(attempt, decision));
        };
    }

    private static void decided(Attempt attempt, Decision decision) {
        switch (decision) {
            case Granted granted -> {
                Permit permit = granted.permit();
                permit.send();
                attempt.position = Optional.of(permit.position());
                attempt.go(retryAfter -> permit.complete(retryAfter
                        .map(wait -> new LimitFeedback(
                                List.of(),
                                Optional.of(new LimitFeedback.Throttle(Scope.LIMITS, Optional.of(wait), wait))))
                        .orElse(LimitFeedback.NONE)));
            }
            case Denied _ -> attempt.shed();
        }
    }

    /** As its scheduler does it: each call takes its token at once, and waits for as long as that is short of one. */
    private Client bucket4j() {
        Load load = scenario.load();
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(load.permits())
                        .refillGreedy(load.permits(), Duration.ofSeconds(load.windowSeconds())))
                .withCustomTimePrecision(new TimeMeter() {
                    @Override
                    public long currentTimeNanos() {
                        return time.read();
                    }

                    @Override
                    public boolean isWallClockBased() {
                        return false;
                    }
                })
                .build();
        return attempt -> {
            long wait = bucket.consumeIgnoringRateLimits(1);
            time.after(wait, () -> attempt.go(answer -> {}));
        };
    }

    private static void node(List<Scenario> scenarios, Map<String, Map<Scenario, Result>> results) throws IOException {
        if (!Files.isDirectory(NODE.resolve("node_modules"))) {
            return;
        }
        ObjectMapper json = new ObjectMapper();
        List<Map<String, Object>> asked = scenarios.stream()
                .map(scenario -> Map.<String, Object>of(
                        "limiter",
                        scenario.limiter(),
                        "permits",
                        scenario.load().permits(),
                        "windowMs",
                        scenario.load().windowSeconds() * 1000,
                        "calls",
                        scenario.load().calls(),
                        "pages",
                        scenario.load().pages(),
                        "pageMs",
                        scenario.load().pageSeconds() * 1000,
                        "outMs",
                        OUT_MS,
                        "jitterMs",
                        JITTER_MS,
                        "backMs",
                        BACK_MS))
                .toList();
        Process node = new ProcessBuilder("node", "--no-warnings", "bursts.mjs", json.writeValueAsString(asked))
                .directory(NODE.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        for (String line : output.lines().toList()) {
            JsonNode result = json.readTree(line);
            Scenario scenario = scenarios.stream()
                    .filter(each -> each.limiter().equals(result.get("limiter").asText())
                            && each.load().permits() == result.get("permits").asInt()
                            && each.load().calls() == result.get("calls").asInt())
                    .findFirst()
                    .orElseThrow();
            results.computeIfAbsent(result.get("library").asText(), library -> new HashMap<>())
                    .put(
                            scenario,
                            new Result(
                                    result.get("p50").asDouble() / 1000,
                                    result.get("longest").asDouble() / 1000,
                                    result.get("atOnce").asInt(),
                                    result.get("refused").asInt(),
                                    0,
                                    result.get("other").asDouble() / 1000));
        }
    }

    private static String format(
            List<Scenario> scenarios, Map<String, Map<Scenario, Result>> results, Map<Scenario, Result> hasty) {
        StringBuilder table = new StringBuilder("""
                ## 9. Calls that come at once to an idle limit

                On virtual time, the way to the vendor 10 to 50 ms and back 10 ms; the vendor counts strictly, in windows or
                sub-windows whose phase nobody knows, and tells `Retry-After` with a refusal, after which the call comes again.
                Each cell: median wait / longest wait, in seconds and without the round trip; refusals of the vendor. Sluice
                saves before it grants, for 5 ms each time.

                """);
        rows(table, scenarios, results, Result::waits);
        table.append("""

                How long another team's call waits if one comes 1 s later, in seconds; the teams share the library, as they
                share Sluice. The goal is at most 2 W/N and the round trip: 2.1 s at 60/60 s, 0.3 s at 100/10 s.

                """);
        rows(table, scenarios, results, result -> Result.rounded(result.other()));
        table.append("""

                How many calls of the first page Sluice lets go within 100 ms; and, where callers wait for the usual %d s
                only, how many it refuses itself, at once and with the time to come again, since their turn is later.

                | limit, calls | at once | refused |
                |---|---|---|
                """.formatted(DEFAULT_PATIENCE.toSeconds()));
        for (Load load : LOADS) {
            table.append("| %s | %s | %s |%n"
                    .formatted(
                            load.words(),
                            range(scenarios, load, Objects.requireNonNull(results.get("Sluice")), Result::atOnce),
                            range(scenarios, load, hasty, Result::shed)));
        }
        return table.toString();
    }

    private static void rows(
            StringBuilder table,
            List<Scenario> scenarios,
            Map<String, Map<Scenario, Result>> results,
            Function<Result, String> cell) {
        table.append("| limit, calls, limiter |");
        results.keySet().forEach(name -> table.append(' ').append(name).append(" |"));
        table.append("\n|---|").append("---|".repeat(results.size())).append('\n');
        for (Scenario scenario : scenarios) {
            table.append("| %s, %s |".formatted(scenario.load().words(), scenario.limiter()));
            results.values()
                    .forEach(ofClient -> table.append(' ')
                            .append(cell.apply(Objects.requireNonNull(ofClient.get(scenario))))
                            .append(" |"));
            table.append('\n');
        }
    }

    /** The same for all limiters, or from the least to the most. */
    private static String range(
            List<Scenario> scenarios, Load load, Map<Scenario, Result> results, Function<Result, Integer> value) {
        TreeSet<Integer> values = new TreeSet<>();
        scenarios.stream()
                .filter(scenario -> scenario.load().equals(load))
                .forEach(scenario -> values.add(value.apply(Objects.requireNonNull(results.get(scenario)))));
        return values.size() == 1 ? values.first().toString() : values.first() + " to " + values.last();
    }
}
