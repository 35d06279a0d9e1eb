package io.sluice.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs all benchmarks and prints their tables; with a file as argument, writes them there too. */
public final class Benchmarks {
    private Benchmarks() {}

    public static void main(String[] arguments) throws Exception {
        // A load above the number of cores makes timers late and code slow, here as in production.
        String machine = "%d cores with a load of %.1f before it began, %d MB of heap, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        Runtime.getRuntime().maxMemory() >> 20,
                        Runtime.version().feature());
        String page = String.join(
                "\n",
                List.of(
                        "# Benchmarks of the budget and the cache",
                        "",
                        "One run, on a machine shared with other work: " + machine + ". Again:",
                        "",
                        "```sh",
                        "(cd src/test/node/bench && npm ci)   # optional: the Node libraries of table 1",
                        "./mvnw -Pbench test-compile exec:java",
                        "```",
                        "",
                        UseBenchmark.table(),
                        BoundBenchmark.table(),
                        FairnessBenchmark.table(),
                        CostBenchmark.table(),
                        ManyClientsBenchmark.table(),
                        HitBenchmark.table()));
        System.out.println(page);
        if (arguments.length > 0) {
            Files.writeString(Path.of(arguments[0]), page);
        }
    }
}
