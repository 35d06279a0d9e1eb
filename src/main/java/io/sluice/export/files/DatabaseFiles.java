package io.sluice.export.files;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Result files stored in the database, for processes that share no folder. A file is a row of pieces, each written in a
 * transaction of its own, so that no transaction stays open while a piece waits for the vendor. A last piece, empty and
 * at a position before the first, marks the file as finished. Pieces are only added to files that
 * {@link FileRegistry#begin} has registered.
 */
final class DatabaseFiles implements ResultFiles {
    /** Large enough to make a round trip worthwhile, small enough to hold for many readers. */
    private static final int PIECE = 256 * 1024;
    /** The position of the piece that marks a file as finished. */
    private static final long FINISHED = -1;

    private final Database database;

    DatabaseFiles(Database database) {
        this.database = database;
    }

    @Override
    public ResultWriter create(String key) throws IOException {
        delete(key);
        return new PieceWriter(key);
    }

    @Override
    public InputStream open(String key, long from) throws IOException {
        boolean finished = guarded(() -> database.inTransaction(
                connection -> new Sql("SELECT start FROM export_file_piece WHERE file = ? AND start = ?")
                        .with(key, FINISHED)
                        .exists(connection)));
        if (!finished) {
            throw new NoSuchFileException(key);
        }
        return new PieceReader(key, from);
    }

    @Override
    public void delete(String key) throws IOException {
        guarded(() -> database.inTransaction(connection -> new Sql("DELETE FROM export_file_piece WHERE file = ?")
                .with(key)
                .update(connection)));
    }

    /** The bytes from a position to the end of their piece; empty beyond the end of the file. */
    private Optional<byte[]> piece(String key, long position) throws IOException {
        return guarded(() -> database.inTransaction(connection -> new Sql("SELECT start, bytes FROM export_file_piece"
                        + " WHERE file = ? AND start BETWEEN 0 AND ? ORDER BY start DESC LIMIT 1")
                .with(key, position)
                .first(connection, row -> {
                    byte[] bytes = row.getBytes("bytes");
                    int offset = (int) Math.min(bytes.length, position - row.getLong("start"));
                    return Arrays.copyOfRange(bytes, offset, bytes.length);
                })
                .filter(rest -> rest.length > 0)));
    }

    /**
     * Stores a piece, unless the file has been abandoned: a writer that slept beyond its lease, or a statement that
     * arrived late, would leave pieces that no row refers to. The row's lock keeps other processes from abandoning it
     * in between.
     *
     * @throws IOException if the file was abandoned, or the database is unavailable
     */
    private void insert(String key, long start, byte[] bytes) throws IOException {
        int inserted = guarded(
                () -> database.inTransaction(connection -> new Sql("INSERT INTO export_file_piece (file, start, bytes)"
                                + " SELECT file, CAST(? AS BIGINT), CAST(? AS BYTEA) FROM export_writing"
                                + " WHERE file = ? AND abandoned = 0 FOR SHARE")
                        .with(start, bytes, key)
                        .update(connection)));
        if (inserted == 0) {
            throw new IOException("the file " + key + " was abandoned while it was written");
        }
    }

    private interface Access<T> {
        T run();
    }

    private static <T> T guarded(Access<T> access) throws IOException {
        try {
            return access.run();
        } catch (StoreUnavailableException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private final class PieceWriter extends ResultWriter {
        private final String key;
        private final byte[] piece = new byte[PIECE];
        private int filled;
        private long start;
        private boolean done;

        PieceWriter(String key) {
            this.key = key;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int taken = 0; taken < length; ) {
                int next = Math.min(length - taken, PIECE - filled);
                System.arraycopy(bytes, offset + taken, piece, filled, next);
                filled += next;
                taken += next;
                if (filled == PIECE) {
                    store();
                }
            }
        }

        private void store() throws IOException {
            insert(key, start, Arrays.copyOf(piece, filled));
            start += filled;
            filled = 0;
        }

        @Override
        public void finish() throws IOException {
            if (filled > 0) {
                store();
            }
            insert(key, FINISHED, new byte[0]);
            done = true;
        }

        @Override
        public void close() throws IOException {
            if (!done) {
                delete(key);
            }
        }
    }

    private final class PieceReader extends InputStream {
        private final String key;
        private long position;
        private byte[] piece = {};
        private int read;

        PieceReader(String key, long from) {
            this.key = key;
            this.position = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (read == piece.length) {
                Optional<byte[]> next = piece(key, position);
                if (next.isEmpty()) {
                    return -1;
                }
                piece = next.get();
                read = 0;
            }
            int count = Math.min(length, piece.length - read);
            System.arraycopy(piece, read, into, offset, count);
            read += count;
            position += count;
            return count;
        }
    }
}
