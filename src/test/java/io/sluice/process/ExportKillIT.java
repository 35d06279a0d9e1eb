package io.sluice.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;

/** Exports outlive the process, whenever it is killed: nothing is lost, and nothing is made twice. */
@Order(5)
class ExportKillIT extends KilledExports {
    @TempDir
    Path directory;

    ExportKillIT() {
        super(1, Duration.ofSeconds(2));
    }

    @Override
    SluiceProcess start(Vendors vendors) throws IOException {
        return SluiceProcess.start(
                Stream.concat(vendors.settings().stream(), Stream.of("-Dsluice.data-dir=" + directory.resolve("data")))
                        .toArray(String[]::new));
    }

    @Override
    List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data").resolve("exports"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
