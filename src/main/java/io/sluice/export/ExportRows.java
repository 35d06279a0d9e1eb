package io.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.export.job.Export;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.store.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** SQL of exports as rows, to be run inside the caller's transaction. */
final class ExportRows {
    private static final String PARTS = "SELECT e.id AS export_id, e.team AS export_team, e.state AS export_state,"
            + " e.created_at AS export_created_at, p.part, p.cancelled, j.* FROM export e"
            + " JOIN export_part p ON p.export_id = e.id JOIN export_job j ON j.id = p.job_id";

    private ExportRows() {}

    /** Updates the states of a job's exports from the states of their parts. */
    static void refreshStates(Connection connection, String job) throws SQLException {
        // In one order, so that transactions which update several of them do not deadlock.
        List<String> exports = new Sql("SELECT DISTINCT export_id FROM export_part WHERE job_id = ? ORDER BY export_id")
                .with(job)
                .list(connection, row -> row.getString("export_id"));
        for (String export : exports) {
            refreshState(connection, export);
        }
    }

    /** Updates the state of an export from the states of its parts. */
    static void refreshState(Connection connection, String export) throws SQLException {
        // Takes the row's lock: of two parts that end together, the second must see the first one's end.
        new Sql("UPDATE export SET state = state WHERE id = ?").with(export).update(connection);
        Map<JobState.Name, Integer> parts = new EnumMap<>(JobState.Name.class);
        new Sql("SELECT p.cancelled, j.state, count(*) AS parts FROM export_part p JOIN export_job j ON j.id = p.job_id"
                        + " WHERE p.export_id = ? GROUP BY p.cancelled, j.state")
                .with(export)
                .list(connection, row -> parts.merge(partState(row), row.getInt("parts"), Integer::sum));
        String state = Export.State.of(parts).code();
        new Sql("UPDATE export SET state = ? WHERE id = ? AND state <> ?")
                .with(state, export, state)
                .update(connection);
    }

    private static JobState.Name partState(ResultSet row) throws SQLException {
        return row.getInt("cancelled") == 1 ? JobState.Name.CANCELLED : JobState.Name.of(row.getString("state"));
    }

    /** Reads exports with their parts, the youngest first, in one statement; ids that do not exist are left out. */
    static List<Export> exports(Connection connection, List<String> ids) throws SQLException {
        if (ids.isEmpty()) {
            return List.of();
        }
        String marks = String.join(", ", Collections.nCopies(ids.size(), "?"));
        Map<String, ExportBuilder> builders = new LinkedHashMap<>();
        new Sql(PARTS + " WHERE e.id IN (" + marks + ") ORDER BY e.id DESC, p.position")
                .with(ids.toArray())
                .list(connection, row -> {
                    String id = row.getString("export_id");
                    ExportBuilder builder = builders.get(id);
                    if (builder == null) {
                        builder = new ExportBuilder(head(row), new ArrayList<>());
                        builders.put(id, builder);
                    }
                    return builder.parts().add(part(row));
                });
        return builders.values().stream().map(ExportBuilder::export).toList();
    }

    /** Reads a job from a row of its table. */
    static Job job(ResultSet row) throws SQLException {
        JsonNode detail = JobJson.parse(row.getString("detail"));
        return new Job(
                row.getString("id"),
                new JobSpec(
                        Sql.accountId(row),
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

    /** An export whose parts are being read. */
    private record ExportBuilder(Export head, List<Export.Part> parts) {
        Export export() {
            return new Export(
                    head.id(), head.account(), head.team(), head.state(), head.createdAt(), head.parameters(), parts);
        }
    }

    private static Export head(ResultSet row) throws SQLException {
        return new Export(
                row.getString("export_id"),
                Sql.accountId(row),
                row.getString("export_team"),
                Export.State.of(row.getString("export_state")),
                Objects.requireNonNull(Sql.instant(row, "export_created_at")),
                JobJson.parse(row.getString("spec")),
                List.of());
    }

    private static Export.Part part(ResultSet row) throws SQLException {
        JobState.Name state = partState(row);
        JsonNode detail = JobJson.parse(row.getString("detail"));
        JobState job = JobJson.state(JobState.Name.of(row.getString("state")), detail);
        JobState.@Nullable Ended ended = ended(job);
        boolean wanted = state == job.name();
        JobState.@Nullable StoredFile file = job instanceof JobState.Done done ? done.file() : null;
        return new Export.Part(
                row.getString("part"),
                row.getString("id"),
                state,
                job.atVendor(),
                row.getInt("attempts"),
                job.polled(),
                file == null ? row.getLong("fetched") : file.bytes(),
                wanted ? file : null,
                ended == null ? null : ended.fileName(),
                ended == null ? Map.of() : ended.flags(),
                wanted && state != JobState.Name.QUEUED ? Sql.instant(row, "due_at") : null,
                Sql.instant(row, "file_until"),
                job instanceof JobState.Failed failed ? failed.problem() : JobJson.problem(detail));
    }

    private static JobState.@Nullable Ended ended(JobState job) {
        return switch (job) {
            case JobState.Fetching fetching -> fetching.ended();
            case JobState.Done done -> done.ended();
            default -> null;
        };
    }
}
