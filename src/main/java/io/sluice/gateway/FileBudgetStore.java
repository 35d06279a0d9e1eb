package io.sluice.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.budget.AccountSnapshot;
import io.sluice.budget.BudgetStore;
import io.sluice.budget.window.CounterSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A budget store that keeps each account in a small file of its own, replaced as a whole so that a crash leaves the old
 * one or the new one. File and folder are forced to the disk, so a power cut leaves no less than a crash does. A
 * second, empty file shows that there was one.
 *
 * <p>The folder belongs to one process at a time, by a lock that the system releases when the process ends, however
 * it does.
 */
@RegisterForReflection(
        targets = {
            AccountSnapshot.class,
            CounterSnapshot.Unsaved.class,
            CounterSnapshot.class,
            CounterSnapshot.Arrival.class,
            CounterSnapshot.LimitReport.class,
            CounterSnapshot.BurstLimit.class
        })
final class FileBudgetStore implements BudgetStore, AutoCloseable {
    private static final String LOCK = "lock";

    private final Path folder;
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final Executor disk;
    private final FileChannel lock;
    private final boolean folderCanBeForced;

    /**
     * Creates the folder if it is missing, and locks it for this process.
     *
     * @param disk runs the writes, which wait for the disk, one after the other
     * @throws IOException if there can be no such folder, or another process has locked it
     */
    FileBudgetStore(Path folder, ObjectMapper json, Executor disk) throws IOException {
        this.folder = folder;
        // A later version may have added fields; those that this version has are as good as ever.
        reader = json.readerFor(AccountSnapshot.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        writer = json.writerFor(AccountSnapshot.class);
        this.disk = disk;
        Files.createDirectories(folder);
        lock = locked(folder.resolve(LOCK));
        folderCanBeForced = canBeForced(folder);
    }

    private static FileChannel locked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            FileLock lock = channel.tryLock();
            taken = lock != null;
        } catch (OverlappingFileLockException inThisProcess) {
            throw new IOException("this process has locked it already", inThisProcess);
        } finally {
            if (!taken) {
                channel.close();
            }
        }
        if (!taken) {
            throw new IOException("another process has locked it");
        }
        return channel;
    }

    /** Some systems, such as Windows, do not open folders. */
    private static boolean canBeForced(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public LoadResult load(String account) {
        Path file = file(account);
        try {
            AccountSnapshot saved = reader.readValue(Files.readAllBytes(file));
            return saved == null ? new LoadResult.Lost(file + " holds nothing") : new LoadResult.Loaded(saved);
        } catch (NoSuchFileException e) {
            return Files.exists(mark(account)) ? new LoadResult.Lost(file + " is gone") : new LoadResult.Absent();
        } catch (JsonProcessingException e) {
            return new LoadResult.Lost(file + " is unreadable: " + e.getOriginalMessage());
        } catch (IOException e) {
            return new LoadResult.Lost(file + " cannot be read: " + e);
        }
    }

    @Override
    public void save(String account, AccountSnapshot saved, Completion done) {
        disk.execute(() -> done.ended(written(account, saved).orElse(null)));
    }

    private Optional<IOException> written(String account, AccountSnapshot saved) {
        try {
            write(account, writer.writeValueAsBytes(saved));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    private void write(String account, byte[] bytes) throws IOException {
        Path file = file(account);
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        Path mark = mark(account);
        if (!Files.exists(mark)) {
            Files.createFile(mark);
        }
        if (folderCanBeForced) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Releases the folder for the next process. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    private Path file(String account) {
        return folder.resolve(name(account) + ".json");
    }

    /** The file that shows that the account was saved. */
    private Path mark(String account) {
        return folder.resolve(name(account) + ".saved");
    }

    private static String name(String account) {
        return account.replace('/', '@');
    }
}
