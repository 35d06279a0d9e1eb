package io.sluice.export;

import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobState;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.idempotency.IdempotencyStore.Lookup;
import io.sluice.idempotency.StoredResponse;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The store of requested exports: creates, cancels, finds and lists them. Every method is one transaction, durable when
 * it returns.
 */
@ApplicationScoped
class ExportRequests {
    /** The owner of a record that is begun and completed in one transaction, which no other can see in between. */
    private static final String OWNER = "exports";

    private final Database database;
    private final IdempotencyStore idempotency;
    private final NewExportRows rows;

    ExportRequests(Database database, IdempotencyStore idempotency, Ulids ids) {
        this.database = database;
        this.idempotency = idempotency;
        this.rows = new NewExportRows(database.dialect(), ids);
    }

    /**
     * A request for an export, with everything that the store needs resolved.
     *
     * @param weight of the team
     * @param slots how many jobs the account may have until the vendor reports it
     * @param freshSince jobs that ended since then are reused for equal parts; null if all must be made again
     * @param giveUpAt until when parts may wait for a slot
     * @param maxOpen how many jobs the team may have under way
     */
    record ResolvedRequest(
            AccountId account,
            String team,
            int weight,
            int slots,
            List<Exporter.PartRequest> parts,
            Instant now,
            @Nullable Instant freshSince,
            Instant giveUpAt,
            int maxOpen) {}

    /**
     * An {@code Idempotency-Key}.
     *
     * @param retention how long it is valid from its first use
     */
    record Key(String key, String requestHash, Duration retention) {
        /** The name of its record: that of no key on the mounts, since a header has no line breaks. */
        private String name() {
            return "export\n" + key;
        }
    }

    /** The outcome of creating an export. */
    sealed interface CreateResult {
        record Created(Export export) implements CreateResult {}

        /** The key was used for the same request before: the first answer is replayed. */
        record Replayed(String firstAnswer) implements CreateResult {}

        /** The key was used for a different request. */
        record KeyReused() implements CreateResult {}

        /** The team has as many jobs under way as it may. */
        record TooManyOpen(int open) implements CreateResult {}
    }

    /** Renders the answer to a request; called before the request is committed. */
    @FunctionalInterface
    interface ResponseRenderer {
        String render(Export export);
    }

    /**
     * Creates an export: all of it, or nothing. An {@code Idempotency-Key} that was used before replays its first
     * answer.
     *
     * @param key the caller's {@code Idempotency-Key}, if it sent one
     */
    CreateResult create(ResolvedRequest request, @Nullable Key key, ResponseRenderer renderer) {
        return database.inTransaction(connection -> {
            lockAccount(connection, request);
            if (key != null) {
                Optional<CreateResult> known = known(connection, request, key);
                if (known.isPresent()) {
                    return known.get();
                }
            }
            int open = new Sql(
                            "SELECT count(*) AS open FROM export_job WHERE team = ? AND state IN " + NewExportRows.OPEN)
                    .with(request.team())
                    .first(connection, row -> row.getInt("open"))
                    .orElseThrow();
            if (open + request.parts().size() > request.maxOpen()) {
                if (key != null) {
                    idempotency.abort(connection, request.team(), key.name(), OWNER);
                }
                return new CreateResult.TooManyOpen(open);
            }
            Export export = read(connection, rows.insert(connection, request)).orElseThrow();
            if (key != null) {
                StoredResponse accepted =
                        new StoredResponse(202, Optional.of("application/json"), renderer.render(export), false);
                idempotency.complete(connection, request.team(), key.name(), OWNER, accepted, OptionalLong.empty());
            }
            return new CreateResult.Created(export);
        });
    }

    private void lockAccount(Connection connection, ResolvedRequest request) throws SQLException {
        new Sql("INSERT INTO export_account (vendor, account, slots, others, asked_at, closed_until, virtual_time)"
                        + " VALUES (?, ?, ?, 0, 0, 0, 0) ON CONFLICT (vendor, account) DO NOTHING")
                .with(request.account(), request.slots())
                .update(connection);
        lockAccount(connection, request.account());
    }

    /**
     * Locks an account's row against concurrent requests and cancellations; SQLite's one connection does that by
     * itself.
     */
    private void lockAccount(Connection connection, AccountId account) throws SQLException {
        if (database.dialect().sharedByProcesses()) {
            new Sql("SELECT slots FROM export_account WHERE vendor = ? AND account = ?"
                            + database.dialect().forUpdate())
                    .with(account)
                    .exists(connection);
        }
    }

    /** The outcome of a request whose key is known; else the key is begun for this one. */
    private Optional<CreateResult> known(Connection connection, ResolvedRequest request, Key key) throws SQLException {
        Optional<CreateResult> earlier = keptByEarlierVersion(connection, request, key);
        if (earlier.isPresent()) {
            return earlier;
        }
        long now = request.now().toEpochMilli();
        long keepUntil = now + key.retention().toMillis();
        return switch (idempotency.begin(
                connection, request.team(), key.name(), key.requestHash(), OWNER, now, keepUntil)) {
            case Lookup.New() -> Optional.empty();
            case Lookup.Mismatch() -> Optional.of(new CreateResult.KeyReused());
            case Lookup.Completed(StoredResponse response) -> Optional.of(new CreateResult.Replayed(response.body()));
            case Lookup.InProgress _ ->
                throw new IllegalStateException("an export's key is stored with its response: " + key.key());
        };
    }

    /** The outcome of a request whose key an earlier version kept in the export's own row, where no key is written now. */
    private static Optional<CreateResult> keptByEarlierVersion(Connection connection, ResolvedRequest request, Key key)
            throws SQLException {
        return new Sql("SELECT request_hash, first_answer FROM export"
                        + " WHERE team = ? AND idempotency_key = ? AND created_at >= ?")
                .with(request.team(), key.key(), request.now().minus(key.retention()))
                .first(
                        connection,
                        row -> row.getString("request_hash").equals(key.requestHash())
                                ? new CreateResult.Replayed(row.getString("first_answer"))
                                : new CreateResult.KeyReused());
    }

    /**
     * Cancels the parts of an export that have not ended. A job that another export has a part in goes on for that one.
     *
     * @param team the team that the export must belong to; null for an admin
     */
    Optional<Export> cancel(String export, @Nullable String team, Instant now) {
        return database.inTransaction(connection -> {
            Optional<Export> seen = readFor(connection, export, team);
            if (seen.isEmpty()) {
                return seen;
            }
            lockAccount(connection, seen.get().account());
            Optional<Export> found = read(connection, export);
            List<String> jobs = new ArrayList<>();
            for (Export.Part part : found.orElseThrow().parts()) {
                if (!part.state().over()) {
                    jobs.add(part.job());
                }
            }
            for (String job : jobs) {
                new Sql("UPDATE export_part SET cancelled = 1 WHERE export_id = ? AND job_id = ?")
                        .with(export, job)
                        .update(connection);
                cancelUnwanted(connection, job, now);
            }
            ExportRows.refreshState(connection, export);
            return read(connection, export);
        });
    }

    private static void cancelUnwanted(Connection connection, String job, Instant now) throws SQLException {
        String unwanted = " WHERE id = ? AND NOT EXISTS"
                + " (SELECT 1 FROM export_part WHERE job_id = export_job.id AND cancelled = 0)";
        new Sql("UPDATE export_job SET state = 'cancelled', detail = ?, due_at = NULL, ended_at = ?" + unwanted
                        + " AND state = 'queued'")
                .with(JobJson.detail(new JobState.Cancelled(null, 0), null), now, job)
                .update(connection);
        // A request that has been sent, or may have been, is reconciled when the vendor has had its time, and not
        // before.
        new Sql("UPDATE export_job SET cancelling = 1,"
                        + " due_at = CASE WHEN state = 'submitting' THEN due_at ELSE CAST(? AS BIGINT) END" + unwanted
                        + " AND due_at IS NOT NULL")
                .with(now, job)
                .update(connection);
    }

    /** Finds an export; with a team, only if it is that team's. */
    Optional<Export> find(String export, @Nullable String team) {
        return database.inTransaction(connection -> readFor(connection, export, team));
    }

    /** The filter of a list of exports; fields that are null do not restrict it. */
    record Filter(
            @Nullable String team,
            Export.@Nullable State state,
            @Nullable String vendor) {}

    /** Lists exports, the youngest first, that come after {@code cursor}. */
    List<Export> list(Filter filter, @Nullable String cursor, int limit) {
        Export.State state = filter.state();
        // Only the conditions asked for, so that an index serves them: a condition that may be empty reads the whole
        // table.
        StringBuilder conditions = new StringBuilder("id > ''");
        List<Object> values = new ArrayList<>();
        and(conditions, values, "team = ?", filter.team());
        and(conditions, values, "state = ?", state == null ? null : state.code());
        and(conditions, values, "vendor = ?", filter.vendor());
        and(conditions, values, "id < ?", cursor);
        return database.inTransaction(connection -> {
            List<String> ids = new Sql("SELECT id FROM export WHERE " + conditions + " ORDER BY id DESC LIMIT ?")
                    .with(values.toArray())
                    .with(limit)
                    .list(connection, row -> row.getString("id"));
            return ExportRows.exports(connection, ids);
        });
    }

    /** Exports that are queued or running, the youngest first. */
    List<Export> underWay(@Nullable String team, int limit) {
        StringBuilder conditions = new StringBuilder("state IN ('queued', 'running')");
        List<Object> values = new ArrayList<>();
        and(conditions, values, "team = ?", team);
        return database.inTransaction(connection -> ExportRows.exports(
                connection,
                new Sql("SELECT id FROM export WHERE " + conditions + " ORDER BY id DESC LIMIT ?")
                        .with(values.toArray())
                        .with(limit)
                        .list(connection, row -> row.getString("id"))));
    }

    /** Those exports of a list of ids that exist, the youngest first. */
    List<Export> find(List<String> exports) {
        return database.inTransaction(connection -> ExportRows.exports(connection, exports));
    }

    private static void and(StringBuilder conditions, List<Object> values, String condition, @Nullable Object value) {
        if (value != null) {
            conditions.append(" AND ").append(condition);
            values.add(value);
        }
    }

    private static Optional<Export> readFor(Connection connection, String export, @Nullable String team)
            throws SQLException {
        return read(connection, export)
                .filter(found -> team == null || found.team().equals(team));
    }

    private static Optional<Export> read(Connection connection, String export) throws SQLException {
        return ExportRows.exports(connection, List.of(export)).stream().findFirst();
    }
}
