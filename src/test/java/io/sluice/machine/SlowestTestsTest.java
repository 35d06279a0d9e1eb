package io.sluice.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlowestTestsTest {
    @TempDir
    Path folder;

    @Test
    void the_slowest_classes_of_all_folders_come_first() throws Exception {
        Path unit = Files.createDirectory(folder.resolve("unit"));
        Path integration = Files.createDirectory(folder.resolve("integration"));
        report(unit, SlowestTestsTest.class.getName(), "0.25");
        report(unit, Postgres.class.getName(), "1,207.5");
        report(integration, FreePorts.class.getName(), "30");

        assertThat(SlowestTests.slowest(List.of(unit, integration, folder.resolve("none"))))
                .containsExactly(
                        "The slowest of 3 test classes:",
                        " 1207.5 s  io.sluice.machine.Postgres",
                        "   30.0 s  io.sluice.machine.FreePorts",
                        "    0.3 s  io.sluice.machine.SlowestTestsTest");
    }

    @Test
    void ten_are_shown() throws Exception {
        for (int i = 0; i < 12; i++) {
            Files.writeString(
                    folder.resolve("TEST-" + i + ".xml"),
                    "<testsuite name=\"" + SlowestTests.class.getName() + "\" time=\"" + i + "\"/>");
        }

        assertThat(SlowestTests.slowest(List.of(folder)))
                .hasSize(11)
                .startsWith("The slowest of 12 test classes:", "   11.0 s  io.sluice.machine.SlowestTests");
    }

    @Test
    void what_was_left_behind_by_a_class_that_is_gone_is_not_shown() throws Exception {
        report(folder, "io.sluice.machine.Gone", "9");

        assertThat(SlowestTests.slowest(List.of(folder))).isEmpty();
    }

    private static void report(Path folder, String name, String seconds) throws IOException {
        Files.writeString(folder.resolve("TEST-" + name + ".xml"), """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="%s" time="%s" tests="1">
                  <testcase name="one" time="0.1"/>
                </testsuite>
                """.formatted(name, seconds));
    }
}
