package io.sluice.export;

import io.sluice.AccountId;
import io.sluice.Sha256;
import io.sluice.Ulids;
import io.sluice.budget.queue.StartTimeTags;
import io.sluice.export.ExportRequests.ResolvedRequest;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobState;
import io.sluice.store.Sql;
import io.sluice.store.SqlDialect;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * The rows of a new export: its parts, and their jobs as far as no equal job can be reused. To be inserted inside the
 * caller's transaction, which holds the account's lock.
 *
 * <p>A new job gets its place in the account's queue by start-time fair queueing: its tag is where its team's last job
 * ended, or the tag that was served last if that is later, and the team's next one begins the reciprocal of its weight
 * after it. So teams that wait are served in proportion to their weights, and a team that rests saves nothing up.
 */
final class NewExportRows {
    /** The states of a job that is under way, as SQL. */
    static final String OPEN = "('queued', 'submitting', 'running', 'fetching')";

    private final SqlDialect dialect;
    private final Ulids ids;

    NewExportRows(SqlDialect dialect, Ulids ids) {
        this.dialect = dialect;
        this.ids = ids;
    }

    /** Inserts an export with its parts, and returns its id. */
    String insert(Connection connection, ResolvedRequest request) throws SQLException {
        String export = "exp_" + ids.next();
        new Sql("INSERT INTO export (id, vendor, account, team, state, created_at) VALUES (?, ?, ?, ?, 'queued', ?)")
                .with(export, request.account(), request.team(), request.now())
                .update(connection);
        int position = 0;
        for (Exporter.PartRequest part : request.parts()) {
            String fingerprint = fingerprint(request, part);
            Optional<String> reusable = findReusableJob(connection, request, fingerprint);
            String job = reusable.isPresent() ? reusable.get() : insertJob(connection, request, part, fingerprint);
            new Sql("INSERT INTO export_part (export_id, position, part, job_id, cancelled) VALUES (?, ?, ?, ?, 0)")
                    .with(export, position++, part.part(), job)
                    .update(connection);
        }
        ExportRows.refreshState(connection, export);
        return export;
    }

    private Optional<String> findReusableJob(Connection connection, ResolvedRequest request, String fingerprint)
            throws SQLException {
        Instant freshSince = request.freshSince();
        if (freshSince == null) {
            return Optional.empty();
        }
        return new Sql("SELECT id FROM export_job WHERE fingerprint = ? AND cancelling = 0 AND (state IN " + OPEN
                        + " OR (state = 'done' AND ended_at >= ? AND file_until > ?))"
                        + " ORDER BY created_at DESC LIMIT 1"
                        // A process that ends the job meanwhile does not see this export yet, and would leave its state
                        // as it is now.
                        + dialect.forShare())
                .with(fingerprint, freshSince, request.now())
                .first(connection, row -> row.getString("id"));
    }

    private String insertJob(
            Connection connection, ResolvedRequest request, Exporter.PartRequest part, String fingerprint)
            throws SQLException {
        double start = new Sql("SELECT a.virtual_time, f.finish FROM export_account a LEFT JOIN export_flow f"
                        + " ON f.vendor = a.vendor AND f.account = a.account AND f.team = ?"
                        + " WHERE a.vendor = ? AND a.account = ?")
                .with(request.team(), request.account())
                .one(connection, row -> StartTimeTags.start(row.getDouble("finish"), row.getDouble("virtual_time")));
        double share = (double) StartTimeTags.share(1, request.weight()) / StartTimeTags.SCALE;
        new Sql("INSERT INTO export_flow (vendor, account, team, finish) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT (vendor, account, team) DO UPDATE SET finish = excluded.finish")
                .with(request.account(), request.team(), start + share)
                .update(connection);
        String job = "job_" + ids.next();
        new Sql("INSERT INTO export_job (id, vendor, account, team, kind, fingerprint, spec, created_at, state, detail,"
                        + " attempts, tag, due_at, give_up_at, allowance, cancelling, fetched)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?, ?, ?, ?, 0, 0)")
                .with(job, request.account(), request.team(), part.kind(), fingerprint)
                .with(part.parameters().toString(), request.now(), JobJson.detail(new JobState.Queued(), null))
                .with(
                        start,
                        request.giveUpAt(),
                        request.giveUpAt(),
                        part.allowance().toMillis())
                .update(connection);
        return job;
    }

    private static String fingerprint(ResolvedRequest request, Exporter.PartRequest part) {
        AccountId account = request.account();
        return Sha256.hex(account.vendor() + '\n' + account.account() + '\n' + part.kind() + '\n' + part.parameters());
    }
}
