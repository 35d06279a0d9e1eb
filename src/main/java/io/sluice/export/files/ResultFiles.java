package io.sluice.export.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The storage of exports' result files. Thread-safe; every method waits for the disk or the database. */
public interface ResultFiles {
    /**
     * Begins a file that {@link FileRegistry#begin} has registered; it exists once it is finished, and is durable
     * then. One that is {@linkplain FileRegistry#abandoned abandoned} and deleted meanwhile cannot be finished: it
     * leaves nothing behind.
     */
    ResultWriter create(String key) throws IOException;

    /** A file that is being written. Closed before it is finished, it leaves nothing behind. */
    abstract class ResultWriter extends OutputStream {
        /** Completes the file: from here on it can be opened. */
        public abstract void finish() throws IOException;
    }

    /**
     * Opens a file.
     *
     * @param from its first byte to read
     * @throws java.nio.file.NoSuchFileException if it does not exist
     */
    InputStream open(String key, long from) throws IOException;

    /** Deletes a file; one that does not exist is left alone. */
    void delete(String key) throws IOException;
}
