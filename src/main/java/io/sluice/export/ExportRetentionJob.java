package io.sluice.export;

import io.sluice.FailureLog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Retention of exports: deletes files that are expired or abandoned, and purges exports that ended long ago. For one
 * thread.
 */
final class ExportRetentionJob {
    private static final String NAME = "deletion of export files";

    private final FailureLog failures = new FailureLog(Logger.getLogger(ExportRetentionJob.class));
    /** How many files are deleted in one tick. */
    private static final int DELETIONS = 100;

    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final JobStore jobs;
    private final FileRegistry registry;
    private final ResultFiles files;
    private final Duration rememberFor;
    private final InstantSource clock;
    private Instant sweepAt = Instant.MIN;
    private Instant cleanAt = Instant.MIN;

    ExportRetentionJob(ExportStores stores, ResultFiles files, Duration rememberFor, InstantSource clock) {
        this.jobs = stores.jobs();
        this.registry = stores.files();
        this.files = files;
        this.rememberFor = rememberFor;
        this.clock = clock;
    }

    /** Runs one round of the retention job if it is due. Waits for the store. */
    void runIfDue() {
        Instant now = clock.instant();
        if (!now.isBefore(sweepAt)) {
            sweep(now);
        }
        if (!now.isBefore(cleanAt)) {
            clean(now);
        }
    }

    /** Deletes the files that processes left unfinished or unassigned when they died or lost their lease. */
    private void sweep(Instant now) {
        for (String file : registry.abandoned(now, DELETIONS)) {
            if (delete(file)) {
                registry.purgeAbandoned(file);
            } else {
                sweepAt = now.plus(PAUSE);
            }
        }
    }

    /** Deletes expired files, and purges exports that ended longer ago than their retention. */
    private void clean(Instant now) {
        List<FileRegistry.ExpiredFile> expired = registry.expired(now, DELETIONS);
        boolean allDeleted = true;
        for (FileRegistry.ExpiredFile file : expired) {
            boolean deleted = delete(file.key());
            if (deleted) {
                registry.clearFile(file.job(), now);
            }
            allDeleted &= deleted;
        }
        if (expired.size() < DELETIONS || !allDeleted) {
            jobs.purgeExports(now.minus(rememberFor));
            cleanAt = now.plus(PAUSE);
        }
    }

    private boolean delete(String file) {
        try {
            files.delete(file);
            failures.succeeded(NAME);
            return true;
        } catch (IOException e) {
            failures.failed(NAME, () -> file + ": " + e.getMessage());
            return false;
        }
    }
}
