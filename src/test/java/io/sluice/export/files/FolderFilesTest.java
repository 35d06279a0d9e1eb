package io.sluice.export.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in a folder. */
@SuppressWarnings("NullAway.Init") // injected
class FolderFilesTest extends ResultFilesContract {
    @TempDir
    Path directory;

    @Override
    ResultFiles files() {
        return new FolderFiles(directory.resolve("exports"));
    }

    @Override
    void abandon(String key) {
        // Its name is all that a folder knows of a file: deleting it is enough.
    }

    @Override
    long leftBehind() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("exports"))) {
            return files.count();
        }
    }

    @Test
    void a_folder_that_vanished_is_made_again() throws IOException {
        ResultFiles files = files();
        write(files, "one", new byte[] {1}, 1);
        Files.delete(directory.resolve("exports/one"));
        Files.delete(directory.resolve("exports"));

        write(files, "two", new byte[] {2}, 1);

        assertThat(directory.resolve("exports/two")).hasBinaryContent(new byte[] {2});
    }

    @Test
    void a_folder_that_cannot_be_written_is_no_silent_loss() throws IOException {
        Files.writeString(directory.resolve("exports"), "a file where the folder should be");

        assertThatThrownBy(() -> files().create("one")).isInstanceOf(IOException.class);
    }
}
