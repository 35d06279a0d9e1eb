package io.sluice.export.files;

import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobState;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * The registry of result files in the database: those that are being written, those that were abandoned, and those
 * whose retention has ended. A file is registered before its first byte, so that what a process leaves that dies is
 * found. Every method that takes no connection is one transaction, durable when it returns.
 */
public final class FileRegistry {
    private final Database database;

    public FileRegistry(Database database) {
        this.database = database;
    }

    /** Registers a file that is about to be written for a job. */
    public void begin(String file, String job) {
        database.inTransaction(
                connection -> new Sql("INSERT INTO export_writing (file, job_id, abandoned) VALUES (?, ?, 0)")
                        .with(file, job)
                        .update(connection));
    }

    /** True if a file that was begun has not been abandoned since. */
    boolean isBeingWritten(String file) {
        return database.inTransaction(
                connection -> new Sql("SELECT file FROM export_writing WHERE file = ? AND abandoned = 0")
                        .with(file)
                        .exists(connection));
    }

    /** Takes a file for a job and keeps it from being abandoned from here on; false if it was abandoned before. */
    public static boolean claim(Connection connection, JobState.StoredFile file) throws SQLException {
        // Changes nothing, but takes the row's lock.
        return new Sql("UPDATE export_writing SET abandoned = 0 WHERE file = ? AND abandoned = 0")
                        .with(file.key())
                        .update(connection)
                == 1;
    }

    /** Removes a file from those being written, because a job has it now. */
    public static void assigned(Connection connection, JobState.StoredFile file) throws SQLException {
        new Sql("DELETE FROM export_writing WHERE file = ?").with(file.key()).update(connection);
    }

    /** Registers a file that belongs to its job no longer; the retention job deletes what is left of it. */
    public static void abandon(Connection connection, String file, String job) throws SQLException {
        new Sql("INSERT INTO export_writing (file, job_id, abandoned) VALUES (?, ?, 1) ON CONFLICT (file) DO NOTHING")
                .with(file, job)
                .update(connection);
    }

    /**
     * Marks files as abandoned that were begun for jobs which no process holds now, and returns them: from here on no
     * worker can finish one of them. Each is returned again until {@link #purgeAbandoned} removes it.
     */
    public List<String> abandoned(Instant now, int atMost) {
        return database.inTransaction(connection -> new Sql(
                        "UPDATE export_writing SET abandoned = 1 WHERE file IN (SELECT w.file FROM export_writing w"
                                + " WHERE NOT EXISTS (SELECT 1 FROM export_job j WHERE j.id = w.job_id"
                                + " AND j.lease_until > ?) ORDER BY w.abandoned, w.file LIMIT ?) RETURNING file")
                .with(now, atMost)
                .list(connection, row -> row.getString("file")));
    }

    /** Removes the row of an abandoned file, after the file was deleted. */
    public void purgeAbandoned(String file) {
        database.inTransaction(connection -> new Sql("DELETE FROM export_writing WHERE file = ? AND abandoned = 1")
                .with(file)
                .update(connection));
    }

    /** A file whose retention has ended. */
    public record ExpiredFile(String job, String key) {}

    /** Files whose retention has ended; each is returned again until {@link #clearFile} removes it. */
    public List<ExpiredFile> expired(Instant now, int atMost) {
        return database.inTransaction(connection -> new Sql(
                        "SELECT id, detail FROM export_job WHERE file_until <= ?" + " ORDER BY file_until LIMIT ?")
                .with(now, atMost)
                .list(connection, row -> new ExpiredFile(row.getString("id"), key(row.getString("detail")))));
    }

    private static String key(String detail) {
        return JobJson.parse(detail).at("/state/file/key").asText();
    }

    /**
     * Removes the reference to a file that had expired at that time and is deleted; the job may have another one since.
     */
    public void clearFile(String job, Instant expired) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_job SET file_until = NULL WHERE id = ? AND file_until <= ?")
                        .with(job, expired)
                        .update(connection));
    }
}
