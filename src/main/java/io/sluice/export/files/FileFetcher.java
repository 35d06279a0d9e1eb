package io.sluice.export.files;

import io.sluice.FailureLog;
import io.sluice.Sha256;
import io.sluice.Ulids;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Exporter.Content;
import io.sluice.export.job.Exporter.ContentCheck;
import io.sluice.export.job.Exporter.NoFileException;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobProblem.Kind;
import io.sluice.export.job.JobState;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Downloads a job's file from the vendor into the store of result files, in bounded memory, and checks it on the way.
 */
public final class FileFetcher {
    private static final String NAME = "storing of export files";
    private static final int CHUNK = 64 * 1024;

    private final FailureLog failures = new FailureLog(Logger.getLogger(FileFetcher.class));
    private final ResultFiles files;
    private final FileRegistry registry;
    private final Ulids ids;
    private final Map<String, Long> progress = new ConcurrentHashMap<>();

    public FileFetcher(ResultFiles files, FileRegistry registry, Ulids ids) {
        this.files = files;
        this.registry = registry;
        this.ids = ids;
    }

    /** The outcome of fetching a file. */
    public sealed interface FetchResult {
        /** The file is complete and durable. */
        record Stored(JobState.StoredFile file) implements FetchResult {}

        /** The file is not the one that was asked for. */
        record Mismatched(JobProblem problem) implements FetchResult {}

        /** The vendor has no such file. */
        record Missing(JobProblem problem) implements FetchResult {}

        /** The attempt failed; another may succeed. */
        record Broken(JobProblem problem) implements FetchResult {}
    }

    /** How many bytes of a job's file have been received so far. */
    public long progress(String job) {
        return progress.getOrDefault(job, 0L);
    }

    public FetchResult fetch(Job job, String vendorJobId, Exporter exporter)
            throws InterruptedException, RetryLaterException {
        // A key of its own for each attempt: the remains of an earlier one are never taken for this one's.
        String key = job.id() + "-" + ids.next();
        // First of all, so that the retention job finds the remains of a failed attempt.
        registry.begin(key, job.id());
        progress.put(job.id(), 0L);
        try (Content content = exporter.fetch(job.spec(), vendorJobId)) {
            return stored(job, key, content, exporter.check(job.spec(), content.contentType()));
        } catch (NoFileException e) {
            return new FetchResult.Missing(
                    JobProblem.of(Kind.EXPORT_FAILED, "the vendor has no file of the job: " + e.getMessage()));
        } catch (IOException e) {
            // The store's own failures are recognized further inside.
            return new FetchResult.Broken(
                    JobProblem.of(Kind.RESULT_INCOMPLETE, "the download broke off: " + e.getMessage()));
        } finally {
            progress.remove(job.id());
        }
    }

    private FetchResult stored(Job job, String key, Content content, ContentCheck check) throws IOException {
        MessageDigest digest = Sha256.digest();
        long length = 0;
        try (ResultFiles.ResultWriter writer = create(key)) {
            if (!registry.isBeingWritten(key)) {
                // The retention job abandoned it before the file existed, and does not come back for it.
                return new FetchResult.Broken(JobProblem.of(
                        Kind.STORAGE_FAILED, "the file was abandoned before it was begun: the process slept"));
            }
            byte[] chunk = new byte[CHUNK];
            for (int count = content.body().read(chunk);
                    count >= 0;
                    count = content.body().read(chunk)) {
                digest.update(chunk, 0, count);
                check.pass(chunk, count);
                write(writer, chunk, count);
                length += count;
                progress.put(job.id(), length);
            }
            if (content.length().isPresent() && content.length().getAsLong() != length) {
                return new FetchResult.Broken(JobProblem.of(
                        Kind.RESULT_INCOMPLETE,
                        "%d of %d bytes came".formatted(length, content.length().getAsLong())));
            }
            Optional<JobProblem> wrong = check.verdict();
            if (wrong.isPresent()) {
                return new FetchResult.Mismatched(wrong.get());
            }
            finish(writer);
            failures.succeeded(NAME);
        } catch (StorageException e) {
            failures.failed(NAME, () -> job.id() + ": " + e.getMessage(), e);
            return new FetchResult.Broken(JobProblem.of(Kind.STORAGE_FAILED, String.valueOf(e.getMessage())));
        }
        return new FetchResult.Stored(new JobState.StoredFile(
                key, content.contentType(), length, HexFormat.of().formatHex(digest.digest())));
    }

    private ResultFiles.ResultWriter create(String key) throws StorageException {
        try {
            return files.create(key);
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }

    private static void write(ResultFiles.ResultWriter writer, byte[] chunk, int count) throws StorageException {
        try {
            writer.write(chunk, 0, count);
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }

    private static void finish(ResultFiles.ResultWriter writer) throws StorageException {
        try {
            writer.finish();
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }

    /** A failure of our own storage, not of the vendor. */
    private static final class StorageException extends IOException {
        StorageException(IOException cause) {
            super("the file cannot be written: " + reason(cause), cause);
        }

        /** The reason without the path, which concerns the operator only. */
        private static String reason(IOException cause) {
            return cause instanceof FileSystemException file
                    ? file.getClass().getSimpleName() + (file.getReason() == null ? "" : ", " + file.getReason())
                    : String.valueOf(cause.getMessage());
        }
    }
}
