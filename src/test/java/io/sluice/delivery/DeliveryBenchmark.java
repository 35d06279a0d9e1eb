package io.sluice.delivery;

import io.quarkus.runtime.configuration.DurationConverter;
import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.budget.window.Backoff;
import io.sluice.gateway.StubVendor;
import io.sluice.operator.OperatorSettings;
import io.sluice.store.Database;
import io.sluice.store.LeaseKeeper;
import io.sluice.store.TestDatabase;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Table 8: the queue of accepted work on SQLite, every commit on the disk, in a JVM of its own with little memory: intake,
 * claims from a short and from a long queue, and delivery of a million events to a vendor that takes 100 calls a second.
 */
public final class DeliveryBenchmark {
    private static final Destination DESTINATION = new Destination(new AccountId("customerio", "default"), "track");
    private static final int PEOPLE = 100_000;
    private static final int CALLERS = 250;
    private static final int FEW = 1_000;
    private static final int INTAKE = 200_000;
    private static final int MANY = 1_000_000;
    private static final int STORED_TOGETHER = 1_000;
    private static final int CLAIMED = 200;
    private static final int CLAIMS = 100;
    private static final String HEAP = "256m";

    private final DeliveriesConfig config = new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withMapping(DeliveriesConfig.class)
            .build()
            .getConfigMapping(DeliveriesConfig.class);
    private final InstantSource clock = InstantSource.system();
    private final SplittableRandom random = new SplittableRandom(1);
    private final Ulids ids = new Ulids(clock, new SplittableRandom(2));

    private DeliveryBenchmark() {}

    /** Prints the lines of the table, one after another. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("deliveries");
        try {
            NodeQueues.Result sluice = new DeliveryBenchmark().measure(TestDatabase.sqlite(directory.resolve("db")));
            beside(sluice, NodeQueues.results(directory));
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Measures in another JVM; takes some minutes. */
    public static String table() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx" + HEAP,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        DeliveryBenchmark.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("it failed after: " + lines);
        }
        return """
            ## 8. Accepted work on SQLite, every commit on the disk

            In a JVM with %s of heap: %d callers who each hand over one event, again and again, and wait until it is
            on the disk; then a million events of %,d people, %d bytes each, delivered in batches of 500 KB to a vendor
            on HTTP that takes a call every 10 ms and answers after 20 ms. Callers hand over within the process.

            | | result | goal |
            |---|---|---|
            %s""".formatted(
                        HEAP, CALLERS, PEOPLE, event(PEOPLE, "x".repeat(26)).length(), lines);
    }

    private static String classPath() throws URISyntaxException {
        if (!(DeliveryBenchmark.class.getClassLoader() instanceof URLClassLoader loader)) {
            return System.getProperty("java.class.path", "");
        }
        List<String> paths = new ArrayList<>();
        for (URL url : loader.getURLs()) {
            paths.add(Path.of(url.toURI()).toString());
        }
        return String.join(File.pathSeparator, paths);
    }

    private static void line(String what, String result, String goal) {
        System.out.println("| " + what + " | " + result + " | " + goal + " |");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String millis(double nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }

    private static void beside(NodeQueues.Result sluice, List<NodeQueues.Result> others) {
        System.out.printf("""

            Beside it, against the same vendor: p-queue in memory and BullMQ in a Redis with every command on the disk, both
            with 10 calls at a time, 100 a second, a call for each event, as the code does that Sluice replaces.

            | | events accepted a second | wait, p99 | events delivered a second |
            |---|---|---|---|
            """);
        for (NodeQueues.Result one :
                Stream.concat(Stream.of(sluice), others.stream()).toList()) {
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %,.0f | %.1f ms | %,.0f |%n",
                    one.queue(),
                    one.accepted(),
                    one.p99Millis(),
                    one.delivered());
        }
    }

    private NodeQueues.Result measure(Database database) throws Exception {
        MessageClaimer claimer = new MessageClaimer(database);
        MessageAppender appender = new MessageAppender(database);
        fill(appender, FEW);
        double fromFew = claim(claimer);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            NodeQueues.Result accepted = groupCommit(new GroupCommit(appender, threads, config), threads);
            fill(appender, MANY - INTAKE - FEW);
            double fromMany = claim(claimer);
            line("claim and give back " + CLAIMED + " of " + number(FEW) + ", median", millis(fromFew), "");
            line("the same of " + number(MANY) + ", median", millis(fromMany), "the same");
            line("heap in use with " + number(MANY) + " queued, after a collection", (heap() >> 20) + " MB", "256 MB");
            double delivered = deliver(database, claimer, threads);
            return new NodeQueues.Result("Sluice", accepted.accepted(), accepted.p99Millis(), delivered);
        }
    }

    static String event(int person, String id) {
        return "{\"type\":\"person\",\"identifiers\":{\"id\":\"p" + person
                + "\"},\"action\":\"event\",\"name\":\"purchase\",\"id\":\"" + id
                + "\",\"timestamp\":1767225600,\"attributes\":{\"total\":12}}";
    }

    private Delivery delivery() {
        int person = random.nextInt(PEOPLE);
        long now = clock.millis();
        return new Delivery(
                "dlv_" + ids.next(),
                DESTINATION,
                "growth",
                List.of(new Message("id:p" + person, "entity", "track", event(person, ids.next()))),
                now,
                now + config.maxAge().toMillis());
    }

    private List<Delivery> deliveries(int count) {
        return Stream.generate(this::delivery).limit(count).toList();
    }

    private void fill(MessageAppender appender, int events) {
        for (int stored = 0; stored < events; stored += STORED_TOGETHER) {
            appender.append(deliveries(Math.min(STORED_TOGETHER, events - stored)), config.maxQueued());
        }
    }

    private NodeQueues.Result groupCommit(GroupCommit groupCommit, ExecutorService threads) throws Exception {
        handOver(groupCommit, threads, INTAKE / 10);
        long begin = System.nanoTime();
        long[] waits = handOver(groupCommit, threads, INTAKE - INTAKE / 10);
        double seconds = (System.nanoTime() - begin) / 1e9;
        line("events accepted a second", number(waits.length / seconds), "10,000");
        line("wait for the disk, median", millis((double) waits[waits.length / 2]), "");
        long p99 = waits[(int) (waits.length * 0.99)];
        line("wait for the disk, p99", millis((double) p99), "50 ms");
        return new NodeQueues.Result("", waits.length / seconds, p99 / 1e6, 0);
    }

    /** All callers at once; how long each event took, sorted. */
    private long[] handOver(GroupCommit groupCommit, ExecutorService threads, int events) throws Exception {
        List<List<Delivery>> all = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            all.add(deliveries(events / CALLERS));
        }
        List<Future<long[]>> callers = new ArrayList<>();
        for (List<Delivery> own : all) {
            callers.add(threads.submit(() -> {
                long[] waits = new long[own.size()];
                for (int i = 0; i < waits.length; i++) {
                    long begin = System.nanoTime();
                    if (groupCommit.add(own.get(i)).get() != GroupCommit.Accepted.STORED) {
                        throw new IllegalStateException("refused");
                    }
                    waits[i] = System.nanoTime() - begin;
                }
                return waits;
            }));
        }
        List<long[]> waits = new ArrayList<>();
        for (Future<long[]> caller : callers) {
            waits.add(caller.get());
        }
        return waits.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    }

    private double claim(MessageClaimer claimer) {
        long[] nanos = new long[CLAIMS];
        for (int i = 0; i < CLAIMS; i++) {
            long begin = System.nanoTime();
            long now = clock.millis();
            String token = ids.next();
            List<ClaimedMessage> claimed =
                    claimer.claim(1, token, now, now + 60_000, now, CLAIMED).messages();
            claimer.release(token, claimed, now);
            nanos[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanos);
        return nanos[CLAIMS / 2];
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private double deliver(Database database, MessageClaimer claimer, ExecutorService threads) throws Exception {
        RatedAnswers rated = new RatedAnswers();
        try (StubVendor vendor = StubVendor.start(rated);
                ScheduledExecutorService alarms = Executors.newScheduledThreadPool(1)) {
            Timer timer = (task, delay) -> {
                Future<?> alarm = alarms.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> alarm.cancel(false);
            };
            OperatorSettings settings = new OperatorSettings(database, clock, timer, threads, config.pollInterval());
            settings.refresh();
            DeliveryWorkers workers = new DeliveryWorkers(
                    List.of(new BatchSender(DESTINATION, vendor.uri("/"))),
                    new QueueStats(database),
                    new DeliveryWorker.WorkerContext(
                            claimer,
                            new MessageSettler(database),
                            new LeaseKeeper(claimer::renew, clock, config.lease()),
                            new Backoff(config.firstBackoff(), 2, config.maxBackoff(), config.jitter(), random),
                            config,
                            clock,
                            ids,
                            new Modes(settings),
                            new DeliveryMeters()),
                    timer,
                    threads);
            long begin = System.nanoTime();
            workers.start();
            while (rated.events() < MANY) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            workers.halt();
            workers.awaitIdle(Duration.ofSeconds(30));
            line("events delivered a second", number(MANY / seconds), "20,000");
            line(
                    "calls a second, and events in a call",
                    String.format(
                            Locale.ROOT,
                            "%.1f, %,.0f",
                            rated.calls() / seconds,
                            (double) rated.events() / rated.calls()),
                    "at most 100, 500 KB");
            return MANY / seconds;
        }
    }
}
