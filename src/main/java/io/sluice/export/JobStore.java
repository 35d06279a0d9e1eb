package io.sluice.export;

import io.sluice.AccountId;
import io.sluice.export.files.FileRegistry;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.export.slots.SlotStore;
import io.sluice.store.Database;
import io.sluice.store.Sql;
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
class JobStore {
    private static final String END_LEASES = "UPDATE export_job SET lease_owner = NULL, lease_until = NULL,"
            + " due_at = CASE WHEN state = 'submitting' AND due_at > CAST(? AS BIGINT) THEN CAST(? AS BIGINT)"
            + " ELSE due_at END ";

    private final Database database;
    private final SlotStore slots;

    JobStore(Database database, SlotStore slots) {
        this.database = database;
        this.slots = slots;
    }

    /**
     * The lease of one claim, as it is stored. Each claim has a lease of its own, so that a process which comes back to
     * a job that it had claimed before is not taken for its holder.
     */
    record Lease(String owner, Instant until) {
        /** @param claim distinguishes it from the process's other claims */
        Lease(String process, long claim, Instant until) {
            this(process + '.' + claim, until);
        }

        /** The same lease with a later end. */
        Lease until(Instant later) {
            return new Lease(owner, later);
        }
    }

    /**
     * Claims jobs that are due, or will be soon, the longest due first.
     *
     * @param before jobs that are due by then
     */
    List<Job> claimDue(Instant now, Instant before, Lease lease, int atMost) {
        return database.inTransaction(
                connection -> new Sql("UPDATE export_job SET lease_owner = ?, lease_until = ? WHERE id IN"
                                + " (SELECT id FROM export_job WHERE due_at <= ?"
                                // A newer version's states have steps that this one does not know.
                                + " AND state IN ('queued', 'submitting', 'running', 'fetching')"
                                + " AND (lease_until IS NULL OR lease_until <= ?) ORDER BY due_at LIMIT ?"
                                + database.dialect().skipLocked()
                                + ") RETURNING *")
                        .with(lease.owner(), lease.until(), before, now, atMost)
                        .list(connection, ExportRows::job));
    }

    /**
     * Claims the account's next job in the queue for submitting, if a slot is free and no other is being submitted.
     *
     * @param reconcileAt when to look for the job at the vendor if this process dies before it stores the outcome
     */
    Optional<Job> claimNext(AccountId account, Instant now, Instant reconcileAt, Lease lease) {
        return database.inTransaction(connection -> {
            if (slots.locked(connection, account)
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
                    .with(lease.owner(), lease.until(), account, now)
                    .first(connection, ExportRows::job);
            if (next.isPresent()) {
                new Sql("UPDATE export_account SET virtual_time = (SELECT max(tag) FROM export_job WHERE id = ?)"
                                + " WHERE vendor = ? AND account = ?"
                                + " AND virtual_time < (SELECT max(tag) FROM export_job WHERE id = ?)")
                        .with(next.get().id(), account, next.get().id())
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
            if (job.state() instanceof JobState.Done done && !FileRegistry.claim(connection, done.file())) {
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
                    FileRegistry.assigned(connection, done.file());
                }
            }
            return saved == 1;
        });
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
    Set<String> assignedJobs(AccountId account, Collection<String> vendorJobs) {
        return database.inTransaction(connection -> {
            Set<String> assignedJobs = new HashSet<>();
            for (String vendorJob : vendorJobs) {
                new Sql("SELECT id FROM export_job WHERE vendor = ? AND account = ? AND vendor_job_id = ?")
                        .with(account, vendorJob)
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
                        .with(job.spec().account(), job.id())
                        .list(connection, ExportRows::job))
                .stream()
                .map(Job::state)
                .anyMatch(state -> state instanceof JobState.Submitting other
                        && other.since().isAfter(submitting.since()));
    }

    /**
     * Purges exports that were requested before a time and have ended, with the jobs that no other export has a part
     * in.
     *
     * @return how many exports there were, at most {@code atMost}
     */
    int purgeExports(Instant before, int atMost) {
        return database.inTransaction(connection -> {
            int exports = new Sql("DELETE FROM export WHERE id IN (SELECT id FROM export WHERE created_at < ?"
                            + " AND state NOT IN ('queued', 'running') ORDER BY created_at LIMIT ?)")
                    .with(before, atMost)
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
                    .first(connection, ExportRows::job);
            if (done.isPresent()
                    && done.get().state() instanceof JobState.Done lost
                    && lost.file().key().equals(file)) {
                JobState again = new JobState.Fetching(
                        new JobState.Running(lost.vendorJobId(), now, lost.polls(), null, List.of()), lost.ended(), 0);
                new Sql("UPDATE export_job SET state = 'fetching', detail = ?, due_at = ?,"
                                + " give_up_at = file_until, ended_at = NULL, file_until = NULL WHERE id = ?")
                        .with(JobJson.detail(again, problem), now, job)
                        .update(connection);
                FileRegistry.abandon(connection, file, job);
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
                                Sql.accountId(row),
                                row.getString("team"),
                                row.getInt("queued"),
                                row.getInt("running"),
                                Instant.ofEpochMilli(row.getLong("oldest")))));
    }
}
