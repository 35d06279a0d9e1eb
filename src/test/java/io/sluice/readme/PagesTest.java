package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.DocumentedHeadersTest;
import io.sluice.web.DocumentedProblemsTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents as a whole: README is short, all pages are linked, and links, paths, keys and metrics in them exist. */
class PagesTest {
    private static final int LONGEST_README = 150;
    private static final Pattern FILE = Pattern.compile("(?:src|k8s|\\.ci)/[\\w./-]+");
    private static final Pattern METRIC = Pattern.compile("\\bsluice_\\w+");
    private static final Pattern KEY = Pattern.compile("(sluice\\.[^=\\s/:]+)(=.*)?");
    private static final Pattern ADR = Pattern.compile("src/docs/adr/\\d.*");
    /** The name that stands for a vendor to be. */
    private static final String ACME = "sluice.acme";

    /** The test that executes each page, or compares it with the code. */
    private static final Map<String, Class<?>> TESTS = Map.ofEntries(
            Map.entry("README.md", ReadmeTest.class),
            Map.entry("src/docs/adding-a-vendor.md", AddingAVendorTest.class),
            Map.entry("src/docs/adr/README.md", AdrTest.class),
            Map.entry("src/docs/architecture.md", ArchitecturePageTest.class),
            Map.entry("src/docs/benchmarks.md", BuildingTest.class),
            Map.entry("src/docs/building.md", BuildingTest.class),
            Map.entry("src/docs/changelog.md", UpgradingTest.class),
            Map.entry("src/docs/configuration.md", ConfigurationTest.class),
            Map.entry("src/docs/deliveries.md", ListsTest.class),
            Map.entry("src/docs/exports.md", ListsTest.class),
            Map.entry("src/docs/limits.md", ListsTest.class),
            Map.entry("src/docs/operating.md", ReadmeTest.class),
            Map.entry("src/docs/runbook.md", RunbookTest.class),
            Map.entry("src/docs/sandbox.md", ReadmeTest.class),
            Map.entry("src/docs/sdks.md", ReadmeTest.class),
            Map.entry("src/docs/security.md", DocumentedHeadersTest.class),
            Map.entry("src/docs/troubleshooting.md", DocumentedProblemsTest.class),
            Map.entry("src/docs/upgrading.md", UpgradingTest.class),
            Map.entry("src/docs/vendors/clari.md", ReadmeTest.class),
            Map.entry("src/docs/vendors/clerk.md", ReadmeTest.class),
            Map.entry("src/docs/vendors/customerio.md", ReadmeTest.class),
            Map.entry("src/docs/vendors/fathom.md", ReadmeTest.class),
            Map.entry("src/docs/webhooks.md", ListsTest.class));

    @Test
    void readme_is_short() {
        assertThat(Page.readme().text().lines().count()).isLessThanOrEqualTo(LONGEST_README);
    }

    @Test
    void every_page_has_a_test_that_reads_it() throws IOException {
        Set<String> pages = Page.all().stream()
                .map(Page::toString)
                .filter(page -> !ADR.matcher(page).matches())
                .collect(Collectors.toSet());

        assertThat(TESTS.keySet()).isEqualTo(pages);
        for (Map.Entry<String, Class<?>> test : TESTS.entrySet()) {
            String source = Files.readString(
                    Path.of("src/test/java", test.getValue().getName().replace('.', '/') + ".java"));
            String read = test.getKey().startsWith("src/docs/vendors/")
                    ? "Page.of(\"vendors/\" +"
                    : "README.md".equals(test.getKey())
                            ? "Page.readme()"
                            : "Page.of(\"" + test.getKey().replaceFirst("^src/docs/", "") + "\")";
            assertThat(source).as(test.getValue() + " reads " + test.getKey()).contains(read);
        }
    }

    @Test
    void every_page_is_reached_from_readme() {
        Map<Path, Page> pages = Page.all().stream().collect(Collectors.toMap(Page::path, page -> page));
        Set<Path> reached = new TreeSet<>();
        Deque<Path> open = new ArrayDeque<>(List.of(Page.readme().path()));
        while (!open.isEmpty()) {
            Path next = open.pop();
            Page page = pages.get(next);
            if (page != null && reached.add(next)) {
                page.links().stream().filter(link -> !isUrl(link)).forEach(link -> open.push(target(page, link)));
            }
        }

        assertThat(reached).isEqualTo(new TreeSet<>(pages.keySet()));
    }

    @Test
    void every_link_between_pages_leads_to_a_file_and_a_section() {
        List<String> broken = Page.all().stream()
                .flatMap(page -> page.links().stream()
                        .filter(link -> !isUrl(link))
                        .filter(link -> !leadsSomewhere(page, link))
                        .map(link -> page + ": " + link))
                .toList();

        assertThat(broken).isEmpty();
    }

    @Test
    void every_file_that_is_named_exists() {
        List<String> missing = Page.current().stream()
                .flatMap(page -> page.code().stream()
                        .filter(code -> FILE.matcher(code).matches())
                        .filter(code -> !Files.exists(Path.of(code)))
                        .map(code -> page + ": " + code))
                .toList();

        assertThat(missing).isEmpty();
    }

    @Test
    void every_configuration_key_that_is_named_exists() {
        Set<String> keys = ConfigKeys.withDefaults().keySet();
        List<String> unknown = Page.current().stream()
                .flatMap(page -> page.code().stream()
                        .map(KEY::matcher)
                        .filter(Matcher::matches)
                        .map(key -> key.group(1).replaceFirst("\\.\\*$", ""))
                        .filter(key -> !key.equals(ACME) && keys.stream().noneMatch(known -> begins(key, known)))
                        .map(key -> page + ": " + key))
                .toList();

        assertThat(unknown).isEmpty();
    }

    @Test
    void every_metric_that_is_named_stands_in_the_table() {
        Set<String> metrics = Set.copyOf(Page.of("operating.md").names("metric"));
        List<String> unknown = Page.current().stream()
                .filter(page -> !page.toString().endsWith("benchmarks.md"))
                .flatMap(page -> page.all(METRIC).stream()
                        // Where names are listed by their beginning.
                        .filter(metric -> !metric.endsWith("_"))
                        .filter(metric -> !metrics.contains(metric))
                        .map(metric -> page + ": " + metric))
                .toList();

        assertThat(unknown).isEmpty();
    }

    private static boolean isUrl(String link) {
        return link.contains("://");
    }

    /** The path that a link of a page names. */
    private static Path target(Page page, String link) {
        String file = link.replaceFirst("#.*", "");
        return file.isEmpty() ? page.path() : page.path().resolveSibling(file).normalize();
    }

    private static boolean leadsSomewhere(Page page, String link) {
        Path target = target(page, link);
        int anchor = link.indexOf('#');
        return Files.exists(target)
                && (anchor < 0
                        || Page.all().stream()
                                .filter(other -> other.path().equals(target))
                                .anyMatch(other -> other.anchors().contains(link.substring(anchor + 1))));
    }

    /** True for a known key and for the beginning of one; a name in angle brackets stands for any. */
    private static boolean begins(String key, String known) {
        String pattern = Stream.of(key.split("\\.", -1))
                .map(part -> part.matches("<.*>") ? "[^.]+" : "(<>|" + Pattern.quote(part) + ")")
                .collect(Collectors.joining("\\."));
        return known.matches(pattern + "(\\..*)?");
    }
}
