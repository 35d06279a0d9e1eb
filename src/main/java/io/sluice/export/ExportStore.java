package io.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.store.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The store of export jobs and their leases: a process that claims a job is the only one to work on it until the lease
 * ends. Every method is one transaction, durable when it returns.
 *
 * <p>A job that takes a slot at the vendor is in the state submitting or running, and at most one of an account is in
 * the state submitting: so a job that is found at the vendor after an answer was lost can be that one's only.
 */
@ApplicationScoped
public class ExportStore {
    private static final String END_LEASES = "UPDATE export_job SET lease_owner = NULL, lease_until = NULL,"
            + " due_at = CASE WHEN state = 'submitting' AND due_at > CAST(? AS BIGINT) THEN CAST(? AS BIGINT)"
            + " ELSE due_at END ";

    private final Database database;
    private final SlotStore slots;
    private final boolean server;

    ExportStore(Database database) {
        this.database = database;
        this.slots = new SlotStore(database);
        this.server = database.kind() == Database.Kind.POSTGRESQL;
    }

    /** The slots of accounts, kept in the same database. */
    SlotStore slots() {
        return slots;
    }

    /**
     * The lease of one claim. Each claim has a lease of its own, so that a process which comes back to a job that it
     * had claimed before is not taken for its holder.
     *
     * @param claim distinguishes it from the process's other claims
     */
    record Lease(String process, long claim, Instant until) {
        /** The owner of a job under this lease, as it is stored. */
        String owner() {
            return process + '.' + claim;
        }

        /** The same lease with a later end. */
        Lease until(Instant later) {
            return new Lease(process, claim, later);
        }
    }

    /**
     * Claims jobs that are due, or will be soon, the longest due first.
     *
     * @param before jobs that are due by then
     */
    List<Job> claimDue(Instant now, Instant before, Lease lease, int atMost) {
        String others = server ? " FOR UPDATE SKIP LOCKED" : "";
        return database.inTransaction(
                connection -> new Sql("UPDATE export_job SET lease_owner = ?, lease_until = ? WHERE id IN"
                                + " (SELECT id FROM export_job WHERE due_at <= ?"
                                // A newer version's states have steps that this one does not know.
                                + " AND state IN ('queued', 'submitting', 'running', 'fetching')"
                                + " AND (lease_until IS NULL OR lease_until <= ?) ORDER BY due_at LIMIT ?" + others
                                + ") RETURNING *")
                        .with(lease.owner(), lease.until(), before, now, atMost)
                        .list(connection, ExportStore::job));
    }

    /**
     * Claims the account's next job in the queue for submitting, if a slot is free and no other is being submitted.
     *
     * @param reconcileAt when to look for the job at the vendor if this process dies before it stores the outcome
     */
    Optional<Job> claimNext(String vendor, String account, Instant now, Instant reconcileAt, Lease lease) {
        return database.inTransaction(connection -> {
            if (slots.locked(connection, vendor, account)
                    .filter(found -> found.waiting() && found.free(now))
                    .isEmpty()) {
                return Optional.empty();
            }
            Optional<Job> next = new Sql("UPDATE export_job SET state = 'submitting', detail = ?,"
                            + " attempts = attempts + 1, due_at = ?, lease_owner = ?, lease_until = ? WHERE id ="
                            + " (SELECT id FROM export_job WHERE vendor = ? AND account = ? AND state = 'queued'"
                            + " AND cancelling = 0 AND (lease_until IS NULL OR lease_until <= ?)"
                            + " ORDER BY tag, id LIMIT 1) RETURNING *")
                    .with(JobJson.detail(new JobState.Submitting(now, List.of()), null), reconcileAt)
                    .with(lease.owner(), lease.until(), vendor, account, now)
                    .first(connection, ExportStore::job);
            if (next.isPresent()) {
                new Sql("UPDATE export_account SET virtual_time = (SELECT max(tag) FROM export_job WHERE id = ?)"
                                + " WHERE vendor = ? AND account = ?"
                                + " AND virtual_time < (SELECT max(tag) FROM export_job WHERE id = ?)")
                        .with(next.get().id(), vendor, account, next.get().id())
                        .update(connection);
                ExportRows.refreshStates(connection, next.get().id());
            }
            return next;
        });
    }

    /**
     * Stores the new state of a claimed job, and ends its lease.
     *
     * @return false if the lease was lost meanwhile: then nothing is stored, since another process holds the job
     */
    boolean save(Job job, Lease lease, Instant now, @Nullable Instant fileUntil) {
        return database.inTransaction(connection -> {
            if (job.state() instanceof JobState.Done done && !claimFile(connection, done.file())) {
                return false;
            }
            boolean over = job.state().name().over();
            // A job that was cancelled while a worker held it is due at once; but one whose submission has an unknown
            // outcome can only be reconciled once the vendor has had its time.
            boolean soon = !over && !(job.state() instanceof JobState.Submitting);
            int saved = new Sql("UPDATE export_job SET state = ?, detail = ?, attempts = ?,"
                            + " due_at = CASE WHEN cancelling = 1 AND ? = 1 THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END,"
                            + " give_up_at = ?,"
                            + " vendor_job_id = ?, ended_at = ?, file_until = ?, lease_owner = NULL, lease_until = NULL"
                            + " WHERE id = ? AND lease_owner = ?")
                    .with(job.state().name().code(), JobJson.detail(job.state(), job.problem()), job.attempts())
                    .with(soon, job.cancelling() ? job.dueAt() : now, job.dueAt(), job.giveUpAt())
                    .with(job.state().atVendor(), over ? now : null, fileUntil, job.id(), lease.owner())
                    .update(connection);
            if (saved == 1) {
                ExportRows.refreshStates(connection, job.id());
                if (job.state() instanceof JobState.Done done) {
                    new Sql("DELETE FROM export_writing WHERE file = ?")
                            .with(done.file().key())
                            .update(connection);
                }
            }
            return saved == 1;
        });
    }

    /** Registers a file that is about to be written for a job. */
    void beginFile(String file, String job) {
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
                                .first(connection, row -> row.getString("file")))
                .isPresent();
    }

    /** Takes a file for a job and keeps it from being abandoned from here on; false if it was abandoned before. */
    private static boolean claimFile(Connection connection, JobState.StoredFile file) throws SQLException {
        // Changes nothing, but takes the row's lock.
        return new Sql("UPDATE export_writing SET abandoned = 0 WHERE file = ? AND abandoned = 0")
                        .with(file.key())
                        .update(connection)
                == 1;
    }

    /**
     * Marks files as abandoned that were begun for jobs which no process holds now, and returns them: from here on no
     * worker can finish one of them. Each is returned again until {@link #purgeAbandoned} removes it.
     */
    List<String> abandoned(Instant now, int atMost) {
        return database.inTransaction(connection -> new Sql(
                        "UPDATE export_writing SET abandoned = 1 WHERE file IN (SELECT w.file FROM export_writing w"
                                + " WHERE NOT EXISTS (SELECT 1 FROM export_job j WHERE j.id = w.job_id"
                                + " AND j.lease_until > ?) ORDER BY w.abandoned, w.file LIMIT ?) RETURNING file")
                .with(now, atMost)
                .list(connection, row -> row.getString("file")));
    }

    /** Removes the row of an abandoned file, after the file was deleted. */
    void purgeAbandoned(String file) {
        database.inTransaction(connection -> new Sql("DELETE FROM export_writing WHERE file = ? AND abandoned = 1")
                .with(file)
                .update(connection));
    }

    /**
     * Renews the leases of jobs that are being worked on, and stores how many bytes of a file have arrived so far.
     *
     * @param reconcileAt when to look for the jobs whose requests are under way, if this process dies before it stores
     *     the outcome
     * @return the jobs that are under the lease still; the others have been taken over
     */
    Set<String> renew(Map<String, Long> bytesByJob, Lease lease, Instant reconcileAt) {
        return database.inTransaction(connection -> {
            Set<String> renewed = new HashSet<>();
            for (Map.Entry<String, Long> job : bytesByJob.entrySet()) {
                int updated = new Sql("UPDATE export_job SET lease_until = ?, fetched = ?,"
                                + " due_at = CASE WHEN state = 'submitting' THEN CAST(? AS BIGINT) ELSE due_at END"
                                + " WHERE id = ? AND lease_owner = ?")
                        .with(lease.until(), job.getValue(), reconcileAt, job.getKey(), lease.owner())
                        .update(connection);
                if (updated == 1) {
                    renewed.add(job.getKey());
                }
            }
            return renewed;
        });
    }

    /**
     * Ends every lease, for a start at which no process that could hold one is alive.
     *
     * @param reconcileAt when to look for the jobs of requests that were under way, at the latest
     */
    void endLeases(Instant reconcileAt) {
        database.inTransaction(connection -> new Sql(END_LEASES + "WHERE lease_owner IS NOT NULL")
                .with(reconcileAt, reconcileAt)
                .update(connection));
    }

    /** Ends the leases of one process, which is stopping. */
    void endLeases(String process, Instant reconcileAt) {
        database.inTransaction(connection -> new Sql(END_LEASES + "WHERE lease_owner LIKE ?")
                .with(reconcileAt, reconcileAt, process + ".%")
                .update(connection));
    }

    /** The jobs of a vendor, among those given, that are assigned to a job of ours already. */
    Set<String> assignedJobs(String vendor, String account, Collection<String> vendorJobs) {
        return database.inTransaction(connection -> {
            Set<String> assignedJobs = new HashSet<>();
            for (String vendorJob : vendorJobs) {
                new Sql("SELECT id FROM export_job WHERE vendor = ? AND account = ? AND vendor_job_id = ?")
                        .with(vendor, account, vendorJob)
                        .first(connection, row -> row.getString("id"))
                        .ifPresent(id -> assignedJobs.add(vendorJob));
            }
            return assignedJobs;
        });
    }

    /**
     * True if another request of the account was submitted later and has no answer yet: a job that is found at the
     * vendor may be that one's until it has an answer.
     */
    boolean isLaterSubmissionPending(Job job, JobState.Submitting submitting) {
        return database
                .inTransaction(connection -> new Sql("SELECT * FROM export_job WHERE vendor = ? AND account = ?"
                                + " AND state = 'submitting' AND id <> ?")
                        .with(job.spec().vendor(), job.spec().account(), job.id())
                        .list(connection, ExportStore::job))
                .stream()
                .map(Job::state)
                .anyMatch(state -> state instanceof JobState.Submitting other
                        && other.since().isAfter(submitting.since()));
    }

    /** The estimate of how long jobs of a kind take; empty before the first has ended. */
    Optional<DurationEstimate> estimate(JobSpec spec) {
        return database.inTransaction(connection -> estimate(connection, spec));
    }

    private static Optional<DurationEstimate> estimate(Connection connection, JobSpec spec) throws SQLException {
        return new Sql("SELECT millis, deviation FROM export_duration WHERE vendor = ? AND account = ? AND kind = ?")
                .with(spec.vendor(), spec.account(), spec.kind())
                .first(
                        connection,
                        row -> new DurationEstimate(
                                Duration.ofMillis(row.getLong("millis")), Duration.ofMillis(row.getLong("deviation"))));
    }

    /** Updates the estimate of a kind of jobs with the duration of one. */
    void learn(JobSpec spec, Duration took) {
        database.inTransaction(connection -> {
            DurationEstimate estimate =
                    DurationEstimate.updated(estimate(connection, spec).orElse(null), took);
            return new Sql(
                            "INSERT INTO export_duration (vendor, account, kind, millis, deviation) VALUES (?, ?, ?, ?, ?)"
                                    + " ON CONFLICT (vendor, account, kind)"
                                    + " DO UPDATE SET millis = excluded.millis, deviation = excluded.deviation")
                    .with(spec.vendor(), spec.account(), spec.kind())
                    .with(estimate.mean().toMillis(), estimate.deviation().toMillis())
                    .update(connection);
        });
    }

    /** A file whose retention has ended. */
    record ExpiredFile(String job, String key) {}

    /** Files whose retention has ended; each is returned again until {@link #clearFile} removes it. */
    List<ExpiredFile> expired(Instant now, int atMost) {
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
    void clearFile(String job, Instant expired) {
        database.inTransaction(
                connection -> new Sql("UPDATE export_job SET file_until = NULL WHERE id = ? AND file_until <= ?")
                        .with(job, expired)
                        .update(connection));
    }

    /**
     * Purges exports that were requested before a time and have ended, with the jobs that no other export has a part
     * in.
     */
    void purgeExports(Instant before) {
        database.inTransaction(connection -> {
            int exports = new Sql("DELETE FROM export WHERE created_at < ? AND state NOT IN ('queued', 'running')")
                    .with(before)
                    .update(connection);
            if (exports > 0) {
                new Sql("DELETE FROM export_job WHERE created_at < ? AND due_at IS NULL AND file_until IS NULL"
                                + " AND NOT EXISTS (SELECT 1 FROM export_part WHERE job_id = export_job.id)")
                        .with(before)
                        .update(connection);
            }
            return exports;
        });
    }

    /** Makes a job fetch its file again because the stored one is missing, unless the job has another one by now. */
    void fetchAgain(String job, String file, Instant now, JobProblem problem) {
        database.inTransaction(connection -> {
            // Changes nothing, but takes the row's lock.
            new Sql("UPDATE export_job SET state = 'done' WHERE id = ? AND state = 'done'")
                    .with(job)
                    .update(connection);
            Optional<Job> done = new Sql("SELECT * FROM export_job WHERE id = ? AND state = 'done'")
                    .with(job)
                    .first(connection, ExportStore::job);
            if (done.isPresent()
                    && done.get().state() instanceof JobState.Done lost
                    && lost.file().key().equals(file)) {
                JobState again = new JobState.Fetching(
                        new JobState.Running(lost.vendorJobId(), now, lost.polls(), null, List.of()), lost.ended(), 0);
                new Sql("UPDATE export_job SET state = 'fetching', detail = ?, due_at = ?,"
                                + " give_up_at = file_until, ended_at = NULL, file_until = NULL WHERE id = ?")
                        .with(JobJson.detail(again, problem), now, job)
                        .update(connection);
                // The rest of the file belongs to no job from here on, and the retention job deletes it.
                new Sql("INSERT INTO export_writing (file, job_id, abandoned) VALUES (?, ?, 1)"
                                + " ON CONFLICT (file) DO NOTHING")
                        .with(file, job)
                        .update(connection);
                ExportRows.refreshStates(connection, job);
            }
            return done;
        });
    }

    /** The backlog of each account and team that has jobs which have not ended. */
    List<Backlog> backlogs() {
        return database.inTransaction(connection -> new Sql("SELECT vendor, account, team,"
                        + " SUM(CASE WHEN state = 'queued' THEN 1 ELSE 0 END) AS queued,"
                        + " SUM(CASE WHEN state = 'queued' THEN 0 ELSE 1 END) AS running,"
                        + " MIN(created_at) AS oldest FROM export_job"
                        + " WHERE state IN ('queued', 'submitting', 'running', 'fetching')"
                        + " GROUP BY vendor, account, team")
                .list(
                        connection,
                        row -> new Backlog(
                                row.getString("vendor"),
                                row.getString("account"),
                                row.getString("team"),
                                row.getInt("queued"),
                                row.getInt("running"),
                                Instant.ofEpochMilli(row.getLong("oldest")))));
    }

    private static Job job(ResultSet row) throws SQLException {
        JsonNode detail = JobJson.parse(row.getString("detail"));
        return new Job(
                row.getString("id"),
                new JobSpec(
                        row.getString("vendor"),
                        row.getString("account"),
                        row.getString("team"),
                        row.getString("kind"),
                        JobJson.parse(row.getString("spec")),
                        Duration.ofMillis(row.getLong("allowance"))),
                JobJson.state(JobState.Name.of(row.getString("state")), detail),
                row.getInt("attempts"),
                Sql.instant(row, "due_at"),
                Sql.instant(row, "give_up_at"),
                row.getInt("cancelling") == 1,
                JobJson.problem(detail));
    }
}
