package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The result of an export may be far larger than the heap. */
@Order(Integer.MAX_VALUE - 2)
class BigExportIT {
    @Test
    void a_result_larger_than_the_heap_is_stored_and_served_byte_for_byte(@TempDir Path directory) throws Exception {
        made(300L << 20, directory);
    }

    @Test
    @Tag("proof")
    void a_result_of_a_gigabyte_is_stored_and_served_byte_for_byte(@TempDir Path directory) throws Exception {
        made(1L << 30, directory);
    }

    private static void made(long bytes, Path directory) throws IOException, InterruptedException {
        BigExport.Made made = BigExport.make(bytes, directory);

        String expected = GeneratedBytes.sha256(bytes);
        assertThat(made.part().path("bytes").asLong()).isEqualTo(bytes);
        assertThat(made.part().path("sha256").asText()).isEqualTo(expected);
        assertThat(made.sha256()).isEqualTo(expected);
        assertThat(made.peakMemory().orElse(0)).isLessThan(512L << 20);
    }
}
