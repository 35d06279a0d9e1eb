package io.sluice.export;

import io.sluice.FailureLog;
import io.sluice.export.files.FileRegistry;
import io.sluice.export.files.ResultFiles;
import io.sluice.export.job.ExportsConfig;
import io.sluice.store.Retention;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;
import org.jboss.logging.Logger;

/**
 * The retentions of exports: of files that were abandoned or whose retention has ended, and of the records of exports
 * that ended long ago. Thread-safe; several processes may run them at once.
 */
@Singleton
class ExportRetention {
    private static final String DELETION = "deletion of export files";

    private final FailureLog failures = new FailureLog(Logger.getLogger(ExportRetention.class));
    private final JobStore jobs;
    private final FileRegistry registry;
    private final ResultFiles files;
    private final ExportsConfig config;

    ExportRetention(ExportStores stores, ResultFiles files, ExportsConfig config) {
        this.jobs = stores.jobs();
        this.registry = stores.files();
        this.files = files;
        this.config = config;
    }

    /** Files that processes left unfinished or unassigned when they died or lost their lease. */
    @Produces
    @Singleton
    Retention abandonedFiles() {
        return new Retention("export_writing", this::deleteAbandoned);
    }

    private int deleteAbandoned(Instant now, int atMost) {
        int deleted = 0;
        for (String file : registry.abandoned(now, atMost)) {
            if (delete(file)) {
                registry.purgeAbandoned(file);
                deleted++;
            }
        }
        return deleted;
    }

    /** Files whose retention has ended. */
    @Produces
    @Singleton
    Retention expiredFiles() {
        return new Retention("export_job", this::deleteExpired);
    }

    private int deleteExpired(Instant now, int atMost) {
        int deleted = 0;
        for (FileRegistry.ExpiredFile file : registry.expired(now, atMost)) {
            if (delete(file.key())) {
                registry.clearFile(file.job(), now);
                deleted++;
            }
        }
        return deleted;
    }

    /** Exports that ended longer ago than their retention, with the jobs that no other export has a part in. */
    @Produces
    @Singleton
    Retention records() {
        return new Retention("export", (now, atMost) -> jobs.purgeExports(now.minus(config.recordRetention()), atMost));
    }

    private boolean delete(String file) {
        try {
            files.delete(file);
            failures.succeeded(DELETION);
            return true;
        } catch (IOException e) {
            failures.failed(DELETION, () -> file + ": " + e.getMessage());
            return false;
        }
    }
}
