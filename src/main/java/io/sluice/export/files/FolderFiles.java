package io.sluice.export.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Result files stored in a folder. An unfinished file has a name of its own, so that it is never taken for a complete
 * one.
 */
public final class FolderFiles implements ResultFiles {
    private static final String UNFINISHED = ".part";

    private final Path folder;

    public FolderFiles(Path folder) {
        this.folder = folder;
    }

    @Override
    public ResultWriter create(String key) throws IOException {
        Files.createDirectories(folder);
        Path unfinished = folder.resolve(key + UNFINISHED);
        FileChannel channel = FileChannel.open(
                unfinished, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        return new FileWriter(channel, unfinished, folder.resolve(key));
    }

    @Override
    public InputStream open(String key, long from) throws IOException {
        SeekableByteChannel channel = Files.newByteChannel(folder.resolve(key));
        channel.position(from);
        return Channels.newInputStream(channel);
    }

    @Override
    public void delete(String key) throws IOException {
        // In this order, so that a file which is finished at this moment is deleted under its first or its second name.
        Files.deleteIfExists(folder.resolve(key + UNFINISHED));
        Files.deleteIfExists(folder.resolve(key));
    }

    private static final class FileWriter extends ResultWriter {
        private final FileChannel channel;
        private final Path unfinished;
        private final Path finished;
        private boolean done;

        FileWriter(FileChannel channel, Path unfinished, Path finished) {
            this.channel = channel;
            this.unfinished = unfinished;
            this.finished = finished;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length); rest.hasRemaining(); ) {
                channel.write(rest);
            }
        }

        @Override
        public void finish() throws IOException {
            channel.force(true);
            channel.close();
            Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
            done = true;
            try (FileChannel folder = FileChannel.open(finished.getParent())) {
                // The name, too, must outlive a crash.
                folder.force(true);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!done) {
                Files.deleteIfExists(unfinished);
            }
        }
    }
}
