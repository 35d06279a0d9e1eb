package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The metrics as Prometheus reads them: OpenMetrics 1.0 as documented, read strictly, and the rules for names that
 * {@code promtool check metrics} knows.
 */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class ExpositionTest extends MountTest {
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? ([^ ]+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\",?");
    private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram", "summary", "unknown");

    /** One metric and its samples, by name and labels. */
    private record Family(String name, String type, Map<String, Double> samples) {}

    @Test
    void a_strict_parser_takes_it_and_names_follow_the_rules() throws IOException {
        Caller.call("GET", "/clerk@stub/v1/organizations/o", Caller.DEV);
        Caller.call("GET", "/clerk@stub/v1/organizations/o", "Authorization: Bearer wrong");

        Map<String, Family> families = metrics();

        List<Family> ours = families.values().stream()
                .filter(family -> family.name().startsWith("sluice_"))
                .toList();
        assertThat(ours).hasSizeGreaterThan(20);
        assertThat(ours).allSatisfy(family -> {
            assertThat(family.name().endsWith("_total"))
                    .as(family.name())
                    .isEqualTo(family.type().equals("counter"));
            assertThat(family.name())
                    .doesNotContain("__")
                    .doesNotContain("_millis")
                    .doesNotContain("_ms_");
            assertThat(family.name()).doesNotMatch(".*_(count|sum|bucket|info_info)");
        });
    }

    @Test
    void the_two_timers_are_histograms_without_percentiles() throws IOException {
        Caller.call("GET", "/clerk@stub/v1/organizations/o", Caller.DEV);

        Map<String, Family> families = metrics();

        for (String timer : List.of("sluice_permit_wait_seconds", "sluice_vendor_latency_seconds")) {
            Family family = family(families, timer);
            assertThat(family.type()).isEqualTo("histogram");
            assertThat(family.samples().keySet())
                    .anyMatch(sample -> sample.contains("le=\"0.1\""))
                    .anyMatch(sample -> sample.contains("le=\"+Inf\""))
                    .noneMatch(sample -> sample.contains("quantile"));
            assertBuckets(family);
        }
    }

    @Test
    void what_an_operator_asks_for_is_there() throws IOException, InterruptedException {
        budget.pause("clerk/stub");
        Map<String, Family> families;
        try {
            Caller.call("GET", "/clerk@stub/v1/organizations/o", Caller.DEV, "Prefer: wait=0");
            Caller.call("GET", "/clerk@stub/v1/organizations/o", "Authorization: Bearer wrong");
            // The gauges of the budget show what it was half a second ago at most.
            await(
                    "the account shows as paused",
                    () -> value(metrics(), "sluice_paused", "account=\"stub\"", "vendor=\"clerk\"") == 1);
            families = metrics();
        } finally {
            budget.resume("clerk/stub");
        }

        assertThat(value(families, "sluice_paused", "account=\"stub\"", "vendor=\"clerk\""))
                .isEqualTo(1);
        assertThat(value(families, "sluice_paused", "account=\"stub\"", "vendor=\"clari\""))
                .isZero();
        assertThat(value(
                        families, "sluice_rejected_total", "account=\"stub\"", "reason=\"paused\"", "vendor=\"clerk\""))
                .isPositive();
        assertThat(value(families, "sluice_denied_total", "reason=\"unauthenticated\"", "vendor=\"clerk\""))
                .isPositive();
        assertThat(value(families, "sluice_denied_total", "reason=\"forbidden\"", "vendor=\"none\""))
                .isNotNegative();
        assertThat(value(families, "sluice_database_up")).isEqualTo(1);
        assertThat(value(families, "sluice_info", "version=", "store=\"sqlite\"", "mode=\"single\""))
                .isEqualTo(1);
        assertThat(value(families, "sluice_shadow_would_have_waited_total", "vendor=\"clerk\"", "account=\"stub\""))
                .isZero();
        for (String cause : List.of("avoidable", "foreign", "undocumented", "probe")) {
            assertThat(value(
                            families,
                            "sluice_vendor_throttled_total",
                            "account=\"gone\"",
                            "cause=\"" + cause + "\"",
                            "vendor=\"clerk\""))
                    .isZero();
        }
        for (String gauge :
                List.of("sluice_export_queued", "sluice_export_running", "sluice_export_oldest_age_seconds")) {
            assertThat(value(families, gauge, "vendor=\"clari\"", "account=\"default\"", "team=\"dev\""))
                    .isNotNegative();
        }
    }

    @Test
    void a_refusal_of_the_vendor_is_counted_by_its_cause() throws IOException, InterruptedException {
        double before = throttled(parse(Management.metrics()));
        stub.answers(StubVendor.answer(429, "", "Retry-After: 1"));
        Caller.callWith("{}", "POST", "/customerio@throttled/track/api/v1/events", Caller.DEV, "Prefer: wait=0");

        await("one more throttled response", () -> throttled(metrics()) == before + 1);
    }

    private static Map<String, Family> metrics() {
        try {
            return parse(Management.metrics());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Family family(Map<String, Family> families, String name) {
        assertThat(families).containsKey(name);
        return Objects.requireNonNull(families.get(name), name);
    }

    private static double throttled(Map<String, Family> families) {
        return family(families, "sluice_vendor_throttled_total").samples().entrySet().stream()
                .filter(sample -> sample.getKey().contains("account=\"throttled\"")
                        && sample.getKey().contains("vendor=\"customerio\""))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** The only sample with these labels. */
    private static double value(Map<String, Family> families, String name, String... labels) {
        List<Map.Entry<String, Double>> found = family(families, name).samples().entrySet().stream()
                .filter(sample -> List.of(labels).stream().allMatch(sample.getKey()::contains))
                .toList();
        assertThat(found).as("%s %s", name, List.of(labels)).isNotEmpty();
        return found.stream().mapToDouble(Map.Entry::getValue).sum();
    }

    private static void assertBuckets(Family family) {
        Map<String, Double> last = new TreeMap<>();
        family.samples().forEach((sample, count) -> {
            if (sample.contains("_bucket{")) {
                String series = sample.replaceFirst("(,?)le=\"[^\"]*\"", "");
                assertThat(count).as(sample).isGreaterThanOrEqualTo(last.getOrDefault(series, 0.0));
                last.put(series, count);
            }
        });
        assertThat(last).isNotEmpty();
        double counts = family.samples().entrySet().stream()
                .filter(sample -> sample.getKey().startsWith(family.name() + "_count"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        assertThat(last.values().stream().mapToDouble(Double::doubleValue).sum())
                .isEqualTo(counts);
    }

    private static Map<String, Family> parse(String text) {
        assertThat(text).endsWith("# EOF\n");
        Map<String, Family> families = new LinkedHashMap<>();
        Set<String> helped = new HashSet<>();
        @Nullable Family current = null;
        for (String line : text.split("\n", -1)) {
            Matcher comment = COMMENT.matcher(line);
            if (line.isEmpty() || line.equals("# EOF")) {
                continue;
            }
            if (comment.matches()) {
                String name = comment.group(2);
                if (comment.group(1).equals("HELP")) {
                    assertThat(helped.add(name)).as("one HELP of %s", name).isTrue();
                } else {
                    assertThat(TYPES).as(line).contains(comment.group(3));
                    assertThat(families).as("one TYPE of %s", name).doesNotContainKeys(name, name + "_total");
                    // A counter's samples bear its name with a suffix.
                    String exposed = comment.group(3).equals("counter") ? name + "_total" : name;
                    current = new Family(exposed, comment.group(3), new LinkedHashMap<>());
                    families.put(exposed, current);
                }
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            Family family = Objects.requireNonNull(current, line);
            if (family.name().startsWith("sluice_")) {
                // Micrometer's own timers of long tasks have others, which Prometheus puts up with.
                assertThat(suffixes(family)).as("%s in %s", line, family.name()).contains(sample.group(1));
            }
            String labels = labels(line, sample.group(2));
            double value = number(sample.group(3));
            assertThat(family.samples().put(sample.group(1) + "{" + labels, value))
                    .as("one sample %s", line)
                    .isNull();
        }
        return families;
    }

    /** The names that samples of a family may have. */
    private static List<String> suffixes(Family family) {
        List<String> names = new ArrayList<>(List.of(family.name()));
        if (family.type().equals("histogram") || family.type().equals("summary")) {
            names.add(family.name() + "_sum");
            names.add(family.name() + "_count");
        }
        if (family.type().equals("histogram")) {
            names.remove(family.name());
            names.add(family.name() + "_bucket");
        }
        return names;
    }

    private static String labels(String line, @Nullable String labels) {
        if (labels == null) {
            return "";
        }
        Matcher label = LABEL.matcher(labels);
        Set<String> names = new HashSet<>();
        int end = 0;
        while (label.find() && label.start() == end) {
            assertThat(names.add(label.group(1)))
                    .as("one %s in %s", label.group(1), line)
                    .isTrue();
            end = label.end();
        }
        assertThat(end).as(line).isEqualTo(labels.length());
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }
}
