package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages about versions: the table of schema migrations is the folder's, and the changelog has its form. */
class UpgradingTest {
    private static final Path MIGRATIONS = Path.of("src/main/resources/db");
    private static final Map<String, String> DATABASES =
            Map.of("common", "both", "postgresql", "PostgreSQL", "sqlite", "SQLite");

    private final Page page = Page.of("upgrading.md");

    @Test
    void the_table_of_migrations_is_the_folder() throws IOException {
        Map<String, Set<String>> documented = new TreeMap<>();
        page.table("number")
                .forEach(row -> documented.put(
                        row.get(0), new TreeSet<>(List.of(row.get(1).split(", ")))));

        Map<String, Set<String>> actual = new TreeMap<>();
        try (Stream<Path> files = Files.walk(MIGRATIONS)) {
            files.filter(file -> file.toString().endsWith(".sql"))
                    .forEach(file -> actual.computeIfAbsent(
                                    file.getFileName().toString().replaceFirst("__.*", ""), number -> new TreeSet<>())
                            .add(DATABASES.get(
                                    file.getName(file.getNameCount() - 2).toString())));
        }
        assertThat(documented).isEqualTo(actual);
    }

    @Test
    void migrations_stand_in_the_order_in_which_they_run() {
        assertThat(page.table("number").stream()
                        .map(row -> Integer.valueOf(row.getFirst().substring(1))))
                .isSorted();
    }

    @Test
    void the_way_back_names_migrations_that_exist() {
        List<String> numbers = page.table("number").stream().map(List::getFirst).toList();

        assertThat(page.table("back past").stream().map(List::getFirst).filter(past -> past.matches("V\\d+")))
                .isNotEmpty()
                .isSubsetOf(numbers);
    }

    @Test
    void the_changelog_begins_with_what_is_unreleased() {
        Page changelog = Page.of("changelog.md");

        assertThat(changelog.headings()).startsWith("Changelog", "Unreleased");
        assertThat(changelog.headings().subList(2, changelog.headings().size()))
                .allMatch(title -> title.matches("\\d+\\.\\d+\\.\\d+, \\d{4}-\\d\\d-\\d\\d"));
        assertThat(changelog.text().lines().dropWhile(line -> !line.startsWith("## ")))
                .allMatch(line -> line.isEmpty() || line.matches("(## |- |  ).*"));
    }
}
