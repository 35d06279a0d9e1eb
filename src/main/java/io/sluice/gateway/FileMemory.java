package io.sluice.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.budget.Memory;
import io.sluice.budget.SavedAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * Keeps each account in a small file of its own, replaced as a whole so that a crash leaves the old one or the new one.
 *
 * <p>A file that cannot be written loses no call: the budget goes on, and is told that it was saved. What is lost is
 * only what a crash would need, until writing works again.
 */
@RegisterForReflection(targets = {SavedAccount.class, SavedAccount.Counter.class, SavedAccount.Arrived.class, SavedAccount.Reported.class})
final class FileMemory implements Memory {
    private static final Logger LOG = Logger.getLogger(FileMemory.class);

    private final Path folder;
    private final ObjectMapper json;
    private final Executor writer;
    private final Map<String, Boolean> failing = new ConcurrentHashMap<>();

    /**
     * Creates the folder if it is missing.
     *
     * @param writer runs what waits for the disk, one after the other
     * @throws UncheckedIOException if there can be no such folder
     */
    FileMemory(Path folder, ObjectMapper json, Executor writer) {
        this.folder = folder;
        this.json = json;
        this.writer = writer;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<SavedAccount> load(String account) {
        Path file = file(account);
        try {
            return Optional.of(json.readValue(Files.readAllBytes(file), SavedAccount.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            LOG.warnf("%s is unreadable, so %s starts as if nothing had been sent: %s", file, account, e.getMessage());
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void save(String account, SavedAccount saved, Runnable done) {
        writer.execute(() -> {
            write(account, saved);
            done.run();
        });
    }

    private void write(String account, SavedAccount saved) {
        Path file = file(account);
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(saved));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            if (failing.remove(account) != null) {
                LOG.infof("the budget of %s is saved again", account);
            }
        } catch (IOException e) {
            if (failing.put(account, true) == null) {
                LOG.warnf("the budget of %s cannot be saved, so a crash would forget it: %s", account, e);
            }
        }
    }

    private Path file(String account) {
        return folder.resolve(account.replace('/', '@') + ".json");
    }
}
