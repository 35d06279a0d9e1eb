package io.sluice.bench;

import io.sluice.delivery.DeliveryBenchmark;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Runs benchmarks and prints their sections. Arguments: a file to write them to as well, and which ones, such as {@code
 * use,delivery}; the others then stay in the file as they are.
 */
public final class Benchmarks {
    private static final String ALL = "all";
    private static final String SECTION = "## ";

    private Benchmarks() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, Callable<String>> benchmarks = new LinkedHashMap<>();
        benchmarks.put("use", UseBenchmark::table);
        benchmarks.put("bound", BoundBenchmark::table);
        benchmarks.put("fairness", FairnessBenchmark::table);
        benchmarks.put("cost", CostBenchmark::table);
        benchmarks.put("clients", ManyClientsBenchmark::table);
        benchmarks.put("hits", HitBenchmark::table);
        benchmarks.put("delivery", DeliveryBenchmark::table);
        List<String> asked = List.of((arguments.length < 2 ? ALL : arguments[1]).split(",", -1));
        // A load above the number of cores makes timers late and code slow, here as in production.
        String machine = "%d cores with a load of %.1f before it began, %d MB of heap, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        Runtime.getRuntime().maxMemory() >> 20,
                        Runtime.version().feature());
        List<String> measured = new ArrayList<>();
        for (Map.Entry<String, Callable<String>> benchmark : benchmarks.entrySet()) {
            if (asked.contains(ALL) || asked.contains(benchmark.getKey())) {
                measured.add(benchmark.getValue().call());
            }
        }
        String page = asked.contains(ALL)
                ? head(machine, benchmarks) + String.join("\n", measured)
                : replaced(Files.readString(Path.of(arguments[0])), machine, measured);
        System.out.println(page);
        if (arguments.length > 0) {
            Files.writeString(Path.of(arguments[0]), page);
        }
    }

    private static String head(String machine, Map<String, Callable<String>> benchmarks) {
        return String.join(
                "\n",
                List.of(
                        "# Benchmarks",
                        "",
                        "Measured on a machine shared with other work: " + machine + ". Again:",
                        "",
                        "```sh",
                        "(cd src/test/node/bench && npm ci)   # optional: the Node libraries of tables 1 and 6",
                        "./mvnw -Pbench test-compile exec:java",
                        "./mvnw -Pbench test-compile exec:java -Dbench.sections=cost,delivery   # of "
                                + String.join(", ", benchmarks.keySet()),
                        "```",
                        "",
                        ""));
    }

    /** A section that is measured alone says on what machine. */
    private static String replaced(String page, String machine, List<String> measured) throws IOException {
        List<String> sections = new ArrayList<>(List.of(page.split("(?m)^(?=" + SECTION + ")", -1)));
        for (String section : measured) {
            String title = section.lines().findFirst().orElseThrow();
            String number = title.substring(0, title.indexOf('.') + 1);
            String text = section.replaceFirst("\n", "\n\nMeasured alone, on " + machine + ".\n") + "\n";
            int old = 0;
            while (old < sections.size() && !sections.get(old).startsWith(number)) {
                old++;
            }
            if (old < sections.size()) {
                sections.set(old, text);
            } else {
                sections.add("\n" + text);
            }
        }
        return String.join("", sections).stripTrailing() + "\n";
    }
}
