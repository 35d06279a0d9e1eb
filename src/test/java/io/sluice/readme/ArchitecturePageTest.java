package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about the architecture: its rooms, tables and classes are those of the code. */
class ArchitecturePageTest {
    private static final String ROOT = "io.sluice";
    private static final Path SOURCES = Path.of("src/main/java/io/sluice");
    private static final Path MIGRATIONS = Path.of("src/main/resources/db");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    private final Page page = Page.of("architecture.md");

    @Test
    void the_rooms_are_the_packages() {
        Set<String> packages = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.equals(ROOT))
                .map(name -> name.substring(ROOT.length() + 1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(page.names("room")).containsExactlyElementsOf(packages);
    }

    @Test
    void the_tables_are_those_that_the_migrations_leave() {
        assertThat(page.names("table")).containsExactlyElementsOf(tables());
    }

    /** Several rooms inside one may share a table; it belongs to the one that they are in then. */
    @Test
    void each_table_is_used_by_its_room_only() {
        Map<String, String> documented = new TreeMap<>();
        page.table("table")
                .forEach(row -> documented.put(
                        Page.code(row.get(0)).getFirst(),
                        Page.code(row.get(1)).stream().findFirst().orElse("")));
        Map<String, Set<String>> actual = new TreeMap<>();
        tables().forEach(table -> actual.put(table, new TreeSet<>()));
        for (Path file : files(SOURCES, ".java")) {
            String source = read(file);
            actual.forEach((table, rooms) -> {
                if (Pattern.compile("\\b(FROM|INTO|UPDATE|JOIN)\\s+" + table + "\\b")
                        .matcher(source)
                        .find()) {
                    rooms.add(room(file));
                }
            });
        }

        Map<String, String> owners = new TreeMap<>();
        actual.forEach((table, rooms) -> owners.put(table, common(rooms)));
        assertThat(owners).isEqualTo(documented);
    }

    /** The room itself, or the one that all of them are in; empty if there is none. */
    private static String common(Set<String> rooms) {
        String common = rooms.stream().findFirst().orElse("");
        while (!common.isEmpty() && !allInside(common, rooms)) {
            common = common.substring(0, Math.max(0, common.lastIndexOf('.')));
        }
        return common;
    }

    private static boolean allInside(String outer, Set<String> rooms) {
        return rooms.stream().allMatch(room -> room.equals(outer) || room.startsWith(outer + "."));
    }

    @Test
    void every_class_on_the_path_of_a_call_and_in_the_glossary_exists() {
        Set<String> classes = CLASSES.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet());

        assertThat(steps()).isNotEmpty().isSubsetOf(classes);
        assertThat(terms()).isNotEmpty().isSubsetOf(classes);
    }

    /** The chain's own method is the picture: what it puts together, the page lists in the order of a call. */
    @Test
    void the_steps_of_the_chain_are_on_the_page_in_the_order_in_which_it_is_assembled() {
        String source = read(SOURCES.resolve("gateway/CallChain.java"));
        String assembly = source.substring(source.indexOf("assemble(\n            VendorExchange exchange"));
        List<String> inwards = Stream.concat(
                        Stream.of("VendorExchange"),
                        Pattern.compile("\\bnew (\\w+)\\(")
                                .matcher(assembly)
                                .results()
                                .map(step -> step.group(1)))
                .toList()
                .reversed();

        assertThat(inwards).hasSizeGreaterThan(5);
        assertThat(steps()).containsSubsequence(inwards);
        assertThat(steps().subList(steps().indexOf(inwards.getFirst()), steps().indexOf("VendorExchange") + 1))
                .as("nothing on the page that the chain does not have")
                .isEqualTo(inwards);
    }

    private List<String> steps() {
        return page.table("step").stream()
                .flatMap(row -> Page.code(row.get(1)).stream())
                .toList();
    }

    private List<String> terms() {
        return page.table("term").stream()
                .flatMap(row -> Page.code(row.get(2)).stream())
                .toList();
    }

    @Test
    void the_glossary_defines_every_term_once() {
        List<String> terms = page.table("term").stream().map(List::getFirst).toList();

        assertThat(terms).isSorted().doesNotHaveDuplicates();
        assertThat(page.table("term"))
                .allSatisfy(row -> assertThat(row).hasSize(3).noneMatch(String::isEmpty));
    }

    private static Set<String> tables() {
        Set<String> tables = new TreeSet<>();
        List<Path> migrations = files(MIGRATIONS, ".sql").stream()
                .sorted((one, other) -> Integer.compare(number(one), number(other)))
                .toList();
        for (Path migration : migrations) {
            Pattern.compile("CREATE TABLE (\\w+)|DROP TABLE (\\w+)|ALTER TABLE (\\w+) RENAME TO (\\w+)")
                    .matcher(read(migration))
                    .results()
                    .forEach(change -> {
                        if (change.group(1) != null) {
                            tables.add(change.group(1));
                        } else if (change.group(2) != null) {
                            tables.remove(change.group(2));
                        } else {
                            tables.remove(change.group(3));
                            tables.add(change.group(4));
                        }
                    });
        }
        return tables;
    }

    private static int number(Path migration) {
        return Integer.parseInt(migration.getFileName().toString().replaceAll("V(\\d+)__.*", "$1"));
    }

    /** The package of a source below the root. */
    private static String room(Path file) {
        return SOURCES.relativize(file.getParent()).toString().replace('/', '.');
    }

    private static List<Path> files(Path folder, String ending) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
