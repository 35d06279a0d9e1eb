package io.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.PermitWait;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.Timer;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VendorLimiter;
import io.smallrye.faulttolerance.api.RateLimitType;
import io.smallrye.faulttolerance.core.FaultToleranceContext;
import io.smallrye.faulttolerance.core.Future;
import io.smallrye.faulttolerance.core.rate.limit.RateLimit;
import io.smallrye.faulttolerance.core.stopwatch.SystemStopwatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Table 1: how much of the budget is used under backlog, and how many calls the vendor refuses. */
final class UseBenchmark {
    private static final int PERMITS = 100;
    private static final int BURST = 20;
    private static final int WORKERS = 50;
    private static final int WARM_UP = 7;
    private static final Path NODE = Path.of("src/test/node/bench");

    private record Scenario(String limiter, int seconds, int jitterMillis) {
        long windowNanos() {
            return seconds * 1_000_000_000L;
        }

        Limiter declared() {
            return switch (limiter) {
                case "fixed" -> Limiter.FIXED;
                case "sliding" -> Limiter.SLIDING;
                case "counter" -> Limiter.COUNTER;
                default -> Limiter.BUCKET;
            };
        }

        int lasts() {
            return jitterMillis == WARM_UP ? 4 : seconds == 1 ? 17 : 60;
        }

        VendorLimiter newLimiter() {
            return switch (limiter) {
                case "fixed" -> new VendorLimiter.FixedWindows(PERMITS, windowNanos(), windowNanos() / 3);
                case "sliding" -> new VendorLimiter.SlidingLog(PERMITS, windowNanos());
                case "counter" -> new VendorLimiter.SlidingCounter(PERMITS, windowNanos(), windowNanos() / 3);
                default -> new VendorLimiter.Bucket(BURST, PERMITS, windowNanos());
            };
        }
    }

    private record Result(double use, double refused) {
        String cell() {
            return "%.1f / %.2f".formatted(100 * use, 100 * refused);
        }
    }

    /** A vendor on the real clock. */
    private static final class Vendor {
        private final VendorLimiter limiter;
        private final long jitterNanos;
        private final long start = System.nanoTime();
        private final AtomicLong accepted = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();

        Vendor(Scenario scenario) {
            limiter = scenario.newLimiter();
            jitterNanos = scenario.jitterMillis() * 1_000_000L;
        }

        boolean call() throws InterruptedException {
            TimeUnit.NANOSECONDS.sleep(1_000_000
                    + (jitterNanos == 0 ? 0 : ThreadLocalRandom.current().nextLong(jitterNanos)));
            boolean admitted;
            synchronized (limiter) {
                admitted = limiter.admits(System.nanoTime() - start);
            }
            (admitted ? accepted : refused).incrementAndGet();
            TimeUnit.MILLISECONDS.sleep(1);
            return admitted;
        }
    }

    /** One caller that calls again and again; returns when it may have another go. */
    @FunctionalInterface
    private interface Caller {
        void callOnce() throws Exception;
    }

    private UseBenchmark() {}

    static String table() throws Exception {
        List<Scenario> scenarios = new ArrayList<>();
        for (int seconds : new int[] {1, 10}) {
            for (String limiter : List.of("fixed", "sliding", "counter", "bucket")) {
                for (int jitter : new int[] {0, 10, 50}) {
                    scenarios.add(new Scenario(limiter, seconds, jitter));
                }
            }
        }
        Map<String, Map<Scenario, Result>> results = new LinkedHashMap<>();
        try (ScheduledExecutorService alarms = Executors.newSingleThreadScheduledExecutor()) {
            Timer timer = (task, delay) -> {
                var alarm = alarms.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> alarm.cancel(false);
            };
            Map<String, Function<Scenario, Function<Vendor, Caller>>> libraries = new LinkedHashMap<>();
            libraries.put("Sluice", scenario -> sluice(scenario, Limiter.UNKNOWN, timer));
            libraries.put("Sluice, limiter declared", scenario -> sluice(scenario, scenario.declared(), timer));
            libraries.put("SmallRye @RateLimit + @Retry", UseBenchmark::smallRye);
            libraries.put("Resilience4j RateLimiter", UseBenchmark::resilience4j);
            libraries.put("Bucket4j", UseBenchmark::bucket4j);
            // Code that is not compiled yet stalls, and a stall sends calls to the vendor in one go.
            for (Function<Scenario, Function<Vendor, Caller>> library : libraries.values()) {
                run(new Scenario("fixed", 1, WARM_UP), library);
            }
            Process node = startNode(scenarios);
            List<Thread> threads = new ArrayList<>();
            libraries.forEach((name, library) -> {
                Map<Scenario, Result> ofLibrary = new ConcurrentHashMap<>();
                results.put(name, ofLibrary);
                for (Scenario scenario : scenarios) {
                    threads.add(Thread.ofVirtual().start(() -> ofLibrary.put(scenario, run(scenario, library))));
                }
            });
            for (Thread thread : threads) {
                thread.join();
            }
            readNode(node, results);
        }
        return format(scenarios, results);
    }

    private static Result run(Scenario scenario, Function<Scenario, Function<Vendor, Caller>> library) {
        Vendor vendor = new Vendor(scenario);
        Caller caller = library.apply(scenario).apply(vendor);
        long end = vendor.start + scenario.lasts() * 1_000_000_000L;
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            workers.add(Thread.ofVirtual().start(() -> {
                try {
                    while (System.nanoTime() < end) {
                        caller.callOnce();
                    }
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        try {
            TimeUnit.NANOSECONDS.sleep(2 * scenario.windowNanos());
            long accepted = vendor.accepted.get();
            long refused = vendor.refused.get();
            TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
            accepted = vendor.accepted.get() - accepted;
            refused = vendor.refused.get() - refused;
            workers.forEach(Thread::interrupt);
            double windows = (double) scenario.lasts() / scenario.seconds() - 2;
            return new Result(accepted / windows / PERMITS, (double) refused / Math.max(1, accepted + refused));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Function<Vendor, Caller> sluice(Scenario scenario, Limiter declared, Timer timer) {
        Budget budget = new PacedBudget(System::nanoTime, timer);
        Limit limit = new Limit.Rate(
                "api",
                PERMITS,
                Duration.ofSeconds(scenario.seconds()),
                declared,
                declared == Limiter.BUCKET ? BURST : 1);
        budget.define("vendor/account", List.of(limit));
        PermitRequest request = new PermitRequest(
                "vendor/account",
                "read",
                List.of(LimitCost.on("api")),
                new TeamShare("team", 1, 10_000),
                Priority.BULK,
                Duration.ofHours(1),
                Optional.empty());
        return vendor -> () -> {
            Permit permit =
                    ((Decision.Granted) new PermitWait(budget, request).await().orElseThrow()).permit();
            permit.send();
            boolean admitted = vendor.call();
            permit.complete(
                    admitted
                            ? LimitFeedback.NONE
                            : new LimitFeedback(
                                    List.of(),
                                    Optional.of(new LimitFeedback.Throttle(
                                            Scope.LIMITS, Optional.empty(), Duration.ofSeconds(1)))));
        };
    }

    /** As annotations do it at their defaults: up to three retries, each after up to 200 ms of jitter. */
    private static Function<Vendor, Caller> smallRye(Scenario scenario) {
        RateLimit<Boolean> limit = new RateLimit<>(
                context -> context.call(),
                "vendor",
                PERMITS,
                scenario.seconds() * 1000L,
                0,
                RateLimitType.FIXED,
                SystemStopwatch.INSTANCE);
        return vendor -> () -> {
            for (int attempt = 0; attempt <= 3; attempt++) {
                try {
                    if (limit.apply(new FaultToleranceContext<>(() -> Future.from(vendor::call), false))
                            .awaitBlocking()) {
                        return;
                    }
                } catch (InterruptedException stopped) {
                    throw stopped;
                } catch (Throwable refusedByLimit) {
                    // The retry below is what the annotation does about it.
                }
                TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(200));
            }
        };
    }

    private static Function<Vendor, Caller> resilience4j(Scenario scenario) {
        RateLimiter limiter = RateLimiter.of(
                "vendor",
                RateLimiterConfig.custom()
                        .limitForPeriod(PERMITS)
                        .limitRefreshPeriod(Duration.ofSeconds(scenario.seconds()))
                        .timeoutDuration(Duration.ofHours(1))
                        .build());
        return vendor -> () -> {
            if (limiter.acquirePermission()) {
                vendor.call();
            }
        };
    }

    private static Function<Vendor, Caller> bucket4j(Scenario scenario) {
        Bucket bucket = Bucket.builder()
                .addLimit(
                        limit -> limit.capacity(PERMITS).refillGreedy(PERMITS, Duration.ofSeconds(scenario.seconds())))
                .build();
        return vendor -> () -> {
            bucket.asBlocking().consume(1);
            vendor.call();
        };
    }

    private static Process startNode(List<Scenario> scenarios) throws IOException {
        List<Map<String, Object>> asked = scenarios.stream()
                .map(scenario -> Map.<String, Object>of(
                        "limiter", scenario.limiter(),
                        "permits", PERMITS,
                        "windowMs", scenario.seconds() * 1000,
                        "jitterMs", scenario.jitterMillis(),
                        "seconds", scenario.lasts()))
                .toList();
        String[] command = Files.isDirectory(NODE.resolve("node_modules"))
                ? new String[] {"node", "bench.mjs", new ObjectMapper().writeValueAsString(asked)}
                : new String[] {"true"};
        return new ProcessBuilder(command)
                .directory(NODE.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void readNode(Process node, Map<String, Map<Scenario, Result>> results) throws IOException {
        ObjectMapper json = new ObjectMapper();
        String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        for (String line : output.lines().toList()) {
            JsonNode result = json.readTree(line);
            results.computeIfAbsent(result.get("library").asText(), library -> new LinkedHashMap<>())
                    .put(
                            new Scenario(
                                    result.get("limiter").asText(),
                                    result.get("windowMs").asInt() / 1000,
                                    result.get("jitterMs").asInt()),
                            new Result(
                                    result.get("use").asDouble(),
                                    result.get("refused").asDouble()));
        }
    }

    private static String format(List<Scenario> scenarios, Map<String, Map<Scenario, Result>> results) {
        StringBuilder table = new StringBuilder("""
                ## 1. Use of the budget and refused calls under backlog

                %d calls a window, 50 callers that never rest, no headers, on the real clock, everything at once. Each
                cell: how much of the limit the vendor accepted, in percent / which share of the calls it refused, in
                percent. Jitter is that of the way to the vendor. The bucket holds %d. Sluice knows neither limiter nor
                phase nor delays unless it is declared; everything else is set to the documented limit. Without a refusal at most W/(W+J) is
                possible: 95.2 for 1 s and 50 ms.

                """.formatted(PERMITS, BURST));
        table.append("| limiter, window, jitter |");
        results.keySet().forEach(name -> table.append(' ').append(name).append(" |"));
        table.append("\n|---|").append("---|".repeat(results.size())).append('\n');
        for (Scenario scenario : scenarios) {
            table.append(
                    "| %s, %d s, %d ms |".formatted(scenario.limiter(), scenario.seconds(), scenario.jitterMillis()));
            results.values()
                    .forEach(ofLibrary -> table.append(String.format(
                            Locale.ROOT,
                            " %s |",
                            ofLibrary.containsKey(scenario)
                                    ? ofLibrary.get(scenario).cell()
                                    : "-")));
            table.append('\n');
        }
        return table.toString();
    }
}
