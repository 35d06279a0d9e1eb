package io.sluice.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads what a native image is made of, which the build leaves at target/native-sources without a GraalVM. */
class NativeSourcesIT {
    private static final Path RESOURCES = Path.of("src", "main", "resources");
    private static final String CONFIG = "META-INF/native-image/";

    private static JarFile jar;
    private static JsonNode reflection;
    private static List<Pattern> resources;

    @BeforeAll
    static void read() throws IOException {
        Path sources = Path.of(Objects.requireNonNull(System.getProperty("sluice.native-sources")));
        try (Stream<Path> files = Files.list(sources)) {
            jar = new JarFile(files.filter(file -> file.toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toFile());
        }
        reflection = json("reflect-config.json");
        resources = json("resource-config.json")
                .path("resources")
                .path("includes")
                .valueStream()
                .map(include -> Pattern.compile(include.path("pattern").asText()))
                .toList();
    }

    @AfterAll
    static void close() throws IOException {
        jar.close();
    }

    @Test
    void every_type_that_jackson_looks_into_is_registered() {
        Set<String> met = new MetByJackson(new ClassFileImporter()
                        .withImportOption(new DoNotIncludeTests())
                        .importPackages("io.sluice"))
                .names();

        assertThat(met)
                .contains(
                        "io.sluice.problem.Problem",
                        "io.sluice.budget.AccountSnapshot",
                        "io.sluice.export.job.JobState$Done");
        assertThat(registered()).containsAll(met);
    }

    @Test
    void every_file_that_is_read_by_name_is_in_the_image() {
        List<String> files =
                Stream.of("page", "db").flatMap(NativeSourcesIT::below).toList();

        assertThat(files)
                .contains("page/index.html", "page/page.js", "db/common/V1__exports.sql")
                .allSatisfy(file -> {
                    assertThat(jar.getEntry(file)).as(file).isNotNull();
                    assertThat(resources)
                            .as(file)
                            .anyMatch(pattern -> pattern.matcher(file).matches());
                });
    }

    @Test
    void the_sandbox_is_in_the_file_that_an_image_has() throws IOException {
        Properties properties = new Properties();
        try (InputStream file = jar.getInputStream(jar.getEntry("application.properties"))) {
            properties.load(file);
        }

        assertThat(properties)
                .containsEntry("%sandbox.sluice.sandbox.enabled", "true")
                .containsKeys("%sandbox.sluice.teams.dev.key-hash", "%sandbox.sluice.clerk.accounts.default.url");
        // Quarkus builds for the profile "prod" and leaves the files of others out.
        assertThat(below(".")).noneMatch(file -> file.matches("application-.*\\.properties"));
    }

    private static Set<String> registered() {
        Set<String> names = new TreeSet<>();
        for (JsonNode type : reflection) {
            if (type.path("allDeclaredConstructors").asBoolean()
                    && type.path("allDeclaredMethods").asBoolean()) {
                names.add(type.path("name").asText());
            }
        }
        return names;
    }

    /** The files below a folder of the resources, as they are named at run time. */
    private static Stream<String> below(String folder) {
        try (Stream<Path> files = Files.walk(RESOURCES.resolve(folder).normalize())) {
            return files
                    .filter(Files::isRegularFile)
                    .map(file -> RESOURCES.relativize(file).toString().replace('\\', '/'))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(String name) throws IOException {
        try (InputStream file = jar.getInputStream(Objects.requireNonNull(jar.getEntry(CONFIG + name), name))) {
            return new ObjectMapper().readTree(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
