package io.sluice.export.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What kept files promise, wherever they are kept. */
abstract class ResultFilesContract {
    static final String KEY = "job_1-2";

    /** An empty store, in which {@link #KEY} may be written. */
    abstract ResultFiles files() throws IOException;

    @Test
    void a_finished_file_is_read_as_it_was_written() throws IOException {
        ResultFiles files = files();
        byte[] content = bytes(700_000);

        write(files, KEY, content, 7_777);

        assertThat(read(files, KEY, 0)).isEqualTo(content);
    }

    @Test
    void a_file_is_read_from_any_byte_on() throws IOException {
        ResultFiles files = files();
        byte[] content = bytes(600_000);
        write(files, KEY, content, 64 * 1024);

        for (int from : new int[] {1, 262_143, 262_144, 262_145, 599_999}) {
            assertThat(read(files, KEY, from)).as("from %d", from).isEqualTo(tail(content, from));
        }
        assertThat(read(files, KEY, 600_000)).isEmpty();
    }

    @Test
    void bytes_can_be_written_and_read_one_by_one() throws IOException {
        ResultFiles files = files();
        try (ResultFiles.ResultWriter writer = files.create(KEY)) {
            writer.write('a');
            writer.write(0xff);
            writer.finish();
        }

        try (InputStream in = files.open(KEY, 0)) {
            assertThat(in.read()).isEqualTo('a');
            assertThat(in.read()).isEqualTo(0xff);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void an_empty_file_is_there() throws IOException {
        ResultFiles files = files();

        write(files, KEY, new byte[0], 1);

        assertThat(read(files, KEY, 0)).isEmpty();
    }

    @Test
    void a_file_that_is_being_written_is_not_there() throws IOException {
        ResultFiles files = files();

        try (ResultFiles.ResultWriter writer = files.create(KEY)) {
            writer.write(bytes(400_000));

            assertThatThrownBy(() -> files.open(KEY, 0)).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void a_half_written_file_leaves_nothing_behind() throws IOException {
        ResultFiles files = files();

        try (ResultFiles.ResultWriter writer = files.create(KEY)) {
            writer.write(bytes(400_000));
        }

        assertThatThrownBy(() -> files.open(KEY, 0)).isInstanceOf(NoSuchFileException.class);
        assertThat(leftBehind()).isZero();
    }

    @Test
    void a_file_that_was_abandoned_while_it_was_written_leaves_nothing_behind() throws IOException {
        ResultFiles files = files();

        try (ResultFiles.ResultWriter writer = files.create(KEY)) {
            writer.write(bytes(400_000));
            abandon(KEY);
            files.delete(KEY);

            assertThatThrownBy(() -> {
                        writer.write(bytes(400_000));
                        writer.finish();
                    })
                    .isInstanceOf(IOException.class);
        }

        assertThatThrownBy(() -> files.open(KEY, 0)).isInstanceOf(NoSuchFileException.class);
        assertThat(leftBehind()).isZero();
    }

    @Test
    void a_file_that_was_abandoned_before_its_last_word_leaves_nothing_behind() throws IOException {
        ResultFiles files = files();

        try (ResultFiles.ResultWriter writer = files.create(KEY)) {
            abandon(KEY);
            files.delete(KEY);

            assertThatThrownBy(writer::finish).isInstanceOf(IOException.class);
        }

        assertThat(leftBehind()).isZero();
    }

    @Test
    void a_file_that_was_begun_before_is_written_from_its_beginning() throws IOException {
        ResultFiles files = files();
        // Never closed: its process has died.
        files.create(KEY).write(bytes(400_000));

        write(files, KEY, new byte[] {1, 2, 3}, 3);

        assertThat(read(files, KEY, 0)).containsExactly(1, 2, 3);
    }

    @Test
    void a_file_that_is_not_there_says_so() throws IOException {
        ResultFiles files = files();

        assertThatThrownBy(() -> files.open("job_unknown", 0)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.open("job_unknown", 5)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void a_deleted_file_is_gone_and_can_be_deleted_again() throws IOException {
        ResultFiles files = files();
        write(files, KEY, bytes(300_000), 4_096);

        files.delete(KEY);
        files.delete(KEY);

        assertThatThrownBy(() -> files.open(KEY, 0)).isInstanceOf(NoSuchFileException.class);
        assertThat(leftBehind()).isZero();
    }

    /** Says that nobody may finish the file any more. */
    abstract void abandon(String key);

    /** How many files, or pieces of files, there are. */
    abstract long leftBehind() throws IOException;

    static void write(ResultFiles files, String key, byte[] content, int chunk) throws IOException {
        try (ResultFiles.ResultWriter writer = files.create(key)) {
            for (int at = 0; at < content.length; at += chunk) {
                writer.write(content, at, Math.min(chunk, content.length - at));
            }
            writer.finish();
        }
    }

    private static byte[] read(ResultFiles files, String key, long from) throws IOException {
        try (InputStream in = files.open(key, from)) {
            return in.readAllBytes();
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] tail(byte[] content, int from) {
        return java.util.Arrays.copyOfRange(content, from, content.length);
    }
}
