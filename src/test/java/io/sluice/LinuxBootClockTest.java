package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.BootClock.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time since the machine started. */
class LinuxBootClockTest {
    @TempDir
    Path proc;

    @Test
    void reads_the_boot_and_how_long_it_lasts() throws IOException {
        write("sys/kernel/random/boot_id", "3f0c4bd4-0f4b-4a8c-9d62-8a2d2f0a6f0e\n");
        write("uptime", "1920.53 7200.10\n");

        assertThat(new LinuxBootClock(proc).read())
                .contains(new Reading("3f0c4bd4-0f4b-4a8c-9d62-8a2d2f0a6f0e", 1_920_530_000_000L, 10_000_000));
    }

    @Test
    void there_is_none_elsewhere() {
        assertThat(new LinuxBootClock(proc).read()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "\n"})
    void there_is_none_where_the_file_says_nothing(String uptime) throws IOException {
        write("sys/kernel/random/boot_id", "3f0c4bd4");
        write("uptime", uptime);

        assertThat(new LinuxBootClock(proc).read()).isEmpty();
    }

    private void write(String file, String text) throws IOException {
        Path path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
