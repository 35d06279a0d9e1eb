package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.bench.Benchmarks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The commands that build, check and measure name profiles, files and benchmarks that there are. */
class BuildingTest {
    private final Page building = Page.of("building.md");
    private final Page benchmarks = Page.of("benchmarks.md");

    @Test
    void profiles_of_commands_are_those_of_the_pom() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));

        assertThat(matches("-P ?(\\w+)"))
                .isNotEmpty()
                .allSatisfy(profile -> assertThat(pom).contains("<id>" + profile + "</id>"));
        assertThat(matches("package -D(native)\\b")).isNotEmpty();
        assertThat(pom).contains("<name>native</name>");
    }

    @Test
    void files_of_commands_exist() {
        assertThat(matches("docker build -f (\\S+)"))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Path.of(file)).exists());
        assertThat(matches("(?m)(?:^|`)\\./(\\S+) "))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Path.of(file)).exists());
    }

    @Test
    void the_folders_of_the_table_exist() {
        assertThat(building.names("folder"))
                .isNotEmpty()
                .allSatisfy(folder -> assertThat(Path.of(folder)).isDirectory());
    }

    @Test
    void the_command_for_some_benchmarks_lists_all_of_them() {
        List<String> listed = benchmarks.all(Pattern.compile("(?<=# some only: ).*"));

        assertThat(listed).hasSize(1);
        assertThatThrownBy(() -> Benchmarks.main(new String[] {"target/benchmarks.md", "none"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[" + listed.getFirst() + "]");
    }

    private List<String> matches(String pattern) {
        return Stream.of(building, benchmarks, Page.readme())
                .flatMap(page -> Pattern.compile(pattern).matcher(page.text()).results())
                .map(match -> match.group(1))
                .toList();
    }
}
