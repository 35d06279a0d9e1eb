package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.export.job.Export;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobJson;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.export.job.JobState.Cancelled;
import io.sluice.export.job.JobState.Done;
import io.sluice.export.job.JobState.Ended;
import io.sluice.export.job.JobState.Failed;
import io.sluice.export.job.JobState.Fetching;
import io.sluice.export.job.JobState.Queued;
import io.sluice.export.job.JobState.Running;
import io.sluice.export.job.JobState.StoredFile;
import io.sluice.export.job.JobState.Submitting;
import io.sluice.export.slots.SlotStore;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Export jobs that a newer version has stored, after the return to this one. */
class NewerVersionJobsTest {
    private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");
    private static final JobProblem PROBLEM = new JobProblem(JobProblem.Kind.QUOTA_EXHAUSTED, "used up", NOW);

    @TempDir
    Path directory;

    private static Stream<JobState> states() {
        Running running = new Running("v1", NOW, 3, NOW, List.of("v0"));
        Ended ended = new Ended("file.json", NOW, 4_000L, Map.of("rows_truncated", true));
        return Stream.of(
                new Queued(),
                new Submitting(NOW, List.of("v0")),
                running,
                new Fetching(running, ended, 2),
                new Done("v1", 3, ended, new StoredFile("key", "application/json", 7, "00")),
                new Failed("v1", 3, PROBLEM),
                new Cancelled("v1", 3));
    }

    @ParameterizedTest
    @MethodSource("states")
    void unknown_fields_of_a_state_are_ignored(JobState state) {
        ObjectNode detail = (ObjectNode) JobJson.parse(JobJson.detail(state, PROBLEM));

        addNews(detail);

        assertThat(JobJson.state(state.name(), detail)).isEqualTo(state);
        assertThat(JobJson.problem(detail)).isEqualTo(PROBLEM);
    }

    /** Adds fields to an object and to all objects in it, but not to the flags, whose names are the vendor's. */
    private static void addNews(ObjectNode object) {
        object.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode nested && !field.getKey().equals("flags")) {
                addNews(nested);
            }
        });
        object.putObject("news").putArray("list").add(1);
        object.put("colour", "blue");
    }

    @Test
    void an_unknown_kind_of_problem_is_a_failure_of_the_job_and_keeps_its_text() {
        JsonNode detail = JobJson.parse(
                JobJson.detail(new Failed("v1", 3, PROBLEM), PROBLEM).replace("QUOTA_EXHAUSTED", "OUT_OF_PAPER"));

        JobState state = JobJson.state(JobState.Name.FAILED, detail);
        JobProblem problem = JobJson.problem(detail);

        JobProblem expected = new JobProblem(JobProblem.Kind.EXPORT_FAILED, "used up", NOW);
        assertThat(problem).isEqualTo(expected);
        assertThat(state).isEqualTo(new Failed("v1", 3, expected));
    }

    @Test
    void a_job_in_an_unknown_state_holds_no_other_up() {
        Database database = stored("running", "verifying");
        JobStore.Lease lease = new JobStore.Lease("process", 1, NOW.plusSeconds(30));

        assertThat(new JobStore(database, new SlotStore(database)).claimDue(NOW, NOW, lease, 10))
                .extracting(Job::id)
                .containsExactly("job_1");
    }

    @Test
    void an_export_with_unknown_states_is_shown_as_running() {
        Database database = stored("archiving", "verifying");

        List<Export> exports = database.inTransaction(connection -> ExportRows.exports(connection, List.of("exp_1")));

        assertThat(exports).singleElement().satisfies(export -> {
            assertThat(export.state()).isEqualTo(Export.State.RUNNING);
            assertThat(export.parts())
                    .extracting(Export.Part::state)
                    .containsExactly(JobState.Name.RUNNING, JobState.Name.RUNNING);
            assertThat(export.parts()).extracting(Export.Part::vendorJobId).containsExactly("v1", "v2");
        });
    }

    /** An export of a running job and of one in another state, both due. */
    private Database stored(String exportState, String secondState) {
        Database database = TestDatabase.sqlite(directory.resolve("exports.db"));
        database.inTransaction(connection -> {
            execute(
                    connection,
                    "INSERT INTO export (id, vendor, account, team, state, created_at)"
                            + " VALUES ('exp_1', 'acme', 'default', 'team', '" + exportState + "', 0)");
            job(connection, 1, "running", JobJson.detail(new Running("v1", NOW, 3, null, List.of()), null));
            job(connection, 2, secondState, "{\"state\":{\"vendorJobId\":\"v2\",\"progress\":{\"percent\":40}}}");
            return 0;
        });
        return database;
    }

    private static void job(Connection connection, int number, String state, String detail) throws SQLException {
        execute(connection, """
                INSERT INTO export_job (id, vendor, account, team, kind, fingerprint, spec, created_at, state, detail,
                    attempts, tag, due_at, allowance, cancelling, vendor_job_id, fetched)
                VALUES ('job_%1$d', 'acme', 'default', 'team', 'kind', '%1$d', '{"news":1}', 0, '%2$s', '%3$s',
                    1, 0, 0, 0, 0, 'v%1$d', 0)""".formatted(number, state, detail));
        execute(
                connection,
                "INSERT INTO export_part (export_id, position, part, job_id, cancelled) VALUES ('exp_1', %1$d, 'p%1$d', 'job_%1$d', 0)"
                        .formatted(number));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
