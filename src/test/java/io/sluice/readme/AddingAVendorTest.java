package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The steps to a new vendor: each vendor that is there has what they name. */
class AddingAVendorTest {
    private static final String ACME = "Acme";
    private static final Path CONFIGURATION = Path.of("src/main/resources/application.properties");

    private final Page page = Page.of("adding-a-vendor.md");
    private final Path vendors = Path.of(page.code().stream()
            .filter(code -> code.startsWith("src/main/java/"))
            .findFirst()
            .orElseThrow());

    @Test
    void each_vendor_has_the_classes_that_the_steps_name() throws IOException {
        List<String> endings = page.code().stream()
                .filter(code -> code.startsWith(ACME))
                .map(code -> code.substring(ACME.length()))
                .distinct()
                .toList();

        assertThat(endings).hasSizeGreaterThan(4);
        for (Path vendor : vendors()) {
            List<String> classes = names(vendor);
            assertThat(endings)
                    .allSatisfy(ending -> assertThat(classes)
                            .as(vendor + " has a class for " + ACME + ending)
                            .anyMatch(
                                    name -> name.matches("(?i)" + vendor.getFileName() + "\\w*" + ending + "\\.java")));
        }
    }

    @Test
    void each_vendor_produces_the_bean_that_the_steps_name() throws IOException {
        List<String> beans = page.all(Pattern.compile("(?<=A producer of `)\\w+"));

        assertThat(beans).hasSize(1);
        for (Path vendor : vendors()) {
            assertThat(sources(vendor))
                    .as(vendor + " produces " + beans)
                    .anyMatch(source -> Pattern.compile("(?s)@Produces\\s[^;]*? static " + beans.getFirst() + " ")
                            .matcher(source)
                            .find());
        }
    }

    @Test
    void each_vendor_has_the_lines_of_configuration_and_a_stand_in() throws IOException {
        List<String> lines = page.code().stream()
                .filter(code -> code.contains(".acme"))
                .filter(code -> !code.startsWith("sluice."))
                .toList();
        String configuration = Files.readString(CONFIGURATION);

        assertThat(lines).hasSize(2);
        for (Path vendor : vendors()) {
            String name = vendor.getFileName().toString();
            assertThat(lines)
                    .allSatisfy(line -> assertThat(configuration)
                            .containsPattern("(?m)^"
                                    + line.replace("acme.url", name + "(-\\w+)?\\.url")
                                            .replace("acme", name)));
        }
    }

    private List<Path> vendors() throws IOException {
        try (Stream<Path> all = Files.list(vendors)) {
            return all.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static List<String> names(Path vendor) throws IOException {
        try (Stream<Path> all = Files.walk(vendor)) {
            return all.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static List<String> sources(Path vendor) throws IOException {
        try (Stream<Path> all = Files.walk(vendor)) {
            return all.filter(file -> file.toString().endsWith(".java"))
                    .map(AddingAVendorTest::read)
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
