package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The runbook beside the alerts of the Prometheus operator, and the alerts beside the table of metrics. */
class RunbookTest {
    private static final Path RULES = Path.of("k8s/components/monitoring/prometheusrule.yaml");
    private static final Pattern SECTION = Pattern.compile("(?ms)^## (\\w+)\\n(.*?)(?=^## |\\z)");
    private static final Pattern SELECTOR = Pattern.compile("(sluice_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(?:=~|!~|!=|=)\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");

    private final Page runbook = Page.of("runbook.md");
    private final List<List<String>> metrics = Page.of("operating.md").table("metric");
    private final Map<String, JsonNode> alerts = alerts();

    @Test
    void each_alert_has_a_section_and_each_section_an_alert() {
        assertThat(runbook.headings().subList(1, runbook.headings().size()))
                .containsExactlyInAnyOrderElementsOf(alerts.keySet());
    }

    @Test
    void each_section_says_what_it_means_what_to_check_and_how_to_act() {
        List<MatchResult> sections = SECTION.matcher(runbook.text()).results().toList();

        assertThat(sections)
                .hasSize(alerts.size())
                .allSatisfy(section -> assertThat(section.group(2))
                        .as(section.group(1))
                        .matches("(?s)\\n\\*\\*Meaning\\.\\*\\* \\S.*\\n\\n\\*\\*Check\\.\\*\\*\\n\\n- .*"
                                + "\\n\\n\\*\\*Act\\.\\*\\*\\n\\n- .*"));
    }

    @Test
    void each_alert_names_its_section_its_severity_and_a_summary() {
        alerts.forEach((name, rule) -> {
            assertThat(rule.at("/annotations/runbook").asText())
                    .isEqualTo(runbook.path() + "#" + name.toLowerCase(Locale.ROOT));
            assertThat(rule.at("/labels/severity").asText()).as(name).isIn("warning", "critical");
            assertThat(rule.at("/annotations/summary").asText()).as(name).endsWith(".");
        });
    }

    @Test
    void alerts_use_metrics_with_their_tags_and_values() {
        alerts.forEach((name, rule) -> {
            String expression = rule.path("expr").asText();
            Set<String> tags = new HashSet<>();
            for (MatchResult selector : SELECTOR.matcher(expression).results().toList()) {
                List<String> row = row(name, selector.group(1));
                tags.addAll(tags(row));
                String matchers = selector.group(2) == null ? "" : selector.group(2);
                MATCHER.matcher(matchers).results().forEach(matcher -> {
                    assertThat(tags(row)).as(name).contains(matcher.group(1));
                    assertThat(Page.code(row.get(2)))
                            .as(name + ": values of " + matcher.group(1))
                            .contains(matcher.group(2).split("\\|", -1));
                });
            }
            if (!tags.isEmpty()) {
                assertThat(grouping(expression))
                        .as(name)
                        .allSatisfy(tag -> assertThat(tags).contains(tag));
            }
            assertThat(expression.chars().filter(letter -> letter == '(').count())
                    .as(name + ": brackets")
                    .isEqualTo(
                            expression.chars().filter(letter -> letter == ')').count());
        });
    }

    private List<String> row(String alert, String metric) {
        List<List<String>> rows = metrics.stream()
                .filter(row -> Page.code(row.getFirst()).contains(metric))
                .toList();
        assertThat(rows).as(alert + " uses " + metric).hasSize(1);
        return rows.getFirst();
    }

    /** The tags of a metric: those that the column names, with vendor and account unless it takes them away. */
    private static Set<String> tags(List<String> row) {
        String cell = row.get(1);
        Set<String> tags = new HashSet<>();
        String added = cell.replaceFirst("(;|,)? (and neither|no ).*", "");
        tags.addAll(Page.code(added));
        if (!cell.contains("neither of these two")) {
            tags.add("vendor");
            if (!cell.contains("no `account`")) {
                tags.add("account");
            }
        }
        return tags;
    }

    private static List<String> grouping(String expression) {
        return GROUPING.matcher(expression)
                .results()
                .flatMap(grouping -> Arrays.stream(grouping.group(1).split(", ?", -1)))
                .toList();
    }

    private static Map<String, JsonNode> alerts() {
        try {
            Map<String, JsonNode> alerts = new TreeMap<>();
            List<JsonNode> rules = new ArrayList<>();
            new YAMLMapper()
                    .readTree(RULES.toFile())
                    .at("/spec/groups")
                    .forEach(group -> group.path("rules").forEach(rules::add));
            Stream<JsonNode> named = rules.stream();
            named.forEach(rule -> alerts.put(rule.path("alert").asText(), rule));
            assertThat(alerts).hasSameSizeAs(rules);
            return alerts;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
