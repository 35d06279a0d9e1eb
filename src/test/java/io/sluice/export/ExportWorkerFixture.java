package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.files.FolderFiles;
import io.sluice.export.job.Export;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.store.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose exports are played on virtual time, for tests of what becomes of them. */
@SuppressWarnings("NullAway.Init") // set up before each test
abstract class ExportWorkerFixture {
    @TempDir
    Path directory;

    PlayedExports played;
    PlayedVendor vendor;

    @BeforeEach
    void play() {
        played = new PlayedExports(TestDatabase.fastSqlite(directory.resolve("db")), new FolderFiles(results()));
        vendor = played.vendor;
    }

    @AfterEach
    void forgetInterrupts() {
        assertThat(Thread.interrupted()).isFalse();
    }

    static JobProblem problem(Export export) {
        return problem(export.parts().getFirst());
    }

    static JobProblem problem(Export.Part part) {
        return Objects.requireNonNull(part.problem());
    }

    static JobState.StoredFile file(Export.Part part) {
        return Objects.requireNonNull(part.file());
    }

    final Path results() {
        return directory.resolve("exports");
    }

    /** The files that are stored. */
    final List<Path> left() throws IOException {
        if (!Files.exists(results())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(results())) {
            return files.toList();
        }
    }
}
