package io.sluice.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Keeps the files of exports. Thread-safe; every method waits for the disk or the database. */
public interface ResultFiles {
    /**
     * Begins a file, which {@link ExportStore#beginFile} has been told of; it is there once it is finished, and durable then.
     * One that is {@linkplain ExportStore#abandoned abandoned} and deleted meanwhile cannot be finished: it leaves nothing
     * behind.
     */
    ResultWriter create(String key) throws IOException;

    /** A file that is being written. Closed before it is finished, it leaves nothing behind. */
    abstract class ResultWriter extends OutputStream {
        /** Makes the file be there. */
        public abstract void finish() throws IOException;
    }

    /**
     * Opens a file.
     *
     * @param from its first byte to read
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    InputStream open(String key, long from) throws IOException;

    /** Deletes a file; one that is not there is left alone. */
    void delete(String key) throws IOException;
}
