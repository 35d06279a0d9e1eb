package io.sluice.bench;

import io.sluice.delivery.DeliveryBenchmark;
import io.sluice.export.ExportBenchmark;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Runs benchmarks and prints their tables; with a file as first argument, writes them there too. The second argument
 * names those to be run, with commas in between: then all others stay in the file as they are.
 */
public final class Benchmarks {
    private static final String ALL = "all";
    private static final Pattern SECTION = Pattern.compile("(?ms)^## (\\d+)\\..*?(?=^## |\\z)");

    private Benchmarks() {}

    /** Measures, and tells of it in a section of its own. */
    @FunctionalInterface
    private interface Benchmark {
        String section() throws Exception;
    }

    private record Named(String name, Benchmark benchmark) {}

    private static final List<Named> BENCHMARKS = List.of(
            new Named("use", () -> UseBenchmark.table() + "\n" + BoundBenchmark.table()),
            new Named("fairness", FairnessBenchmark::table),
            new Named("cost", CostBenchmark::table),
            new Named("clients", ManyClientsBenchmark::table),
            new Named("hits", HitBenchmark::table),
            new Named("clerk", ClerkBenchmark::table),
            new Named("exports", ExportBenchmark::table),
            new Named("delivery", DeliveryBenchmark::table),
            new Named("bursts", BurstBenchmark::table));

    public static void main(String[] arguments) throws Exception {
        List<String> asked = List.of((arguments.length > 1 ? arguments[1] : ALL).split(",", -1));
        boolean all = asked.equals(List.of(ALL));
        List<String> names = BENCHMARKS.stream().map(Named::name).toList();
        if (!all && !names.containsAll(asked)) {
            throw new IllegalArgumentException("there are " + names + ", and all: " + asked);
        }
        String machine = machine();
        String before = !all && arguments.length > 0 ? Files.readString(Path.of(arguments[0])) : "";
        Map<Integer, String> sections = new TreeMap<>();
        // The last one ends with the file.
        SECTION.matcher(before + "\n").results().forEach(section -> sections.put(number(section), section.group()));
        for (Named each : BENCHMARKS) {
            if (all || asked.contains(each.name())) {
                String section = each.benchmark().section().strip() + "\n";
                sections.put(
                        BENCHMARKS.indexOf(each) + 1,
                        (all ? section : section + "\nThis table alone was run again: " + machine + ".\n") + "\n");
            }
        }
        String page = (all ? head(machine) : before.substring(0, before.indexOf("\n## ") + 1))
                + String.join("", sections.values()).strip()
                + "\n";
        System.out.println(page);
        if (arguments.length > 0) {
            Files.writeString(Path.of(arguments[0]), page);
        }
    }

    private static int number(MatchResult section) {
        return Integer.parseInt(section.group(1));
    }

    /** A load above the number of cores makes timers late and code slow, here as in production. */
    private static String machine() {
        return "%d cores with a load of %.1f before it began, %d MB of heap, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        Runtime.getRuntime().maxMemory() >> 20,
                        Runtime.version().feature());
    }

    private static String head(String machine) {
        return """
                # Benchmarks

                One run, on a machine shared with other work: %s. Again:

                ```sh
                (cd src/test/node/bench && npm install)   # optional: the Node libraries of tables 1, 8 and 9
                ./mvnw package                       # optional: the processes of tables 6 and 7
                ./mvnw -Pbench test-compile exec:java
                ./mvnw -Pbench test-compile exec:java -Dbench.run=hits,clerk   # some only: %s
                ```

                """.formatted(
                machine, String.join(", ", BENCHMARKS.stream().map(Named::name).toList()));
    }
}
