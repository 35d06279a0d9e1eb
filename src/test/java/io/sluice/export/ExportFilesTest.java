package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Exporter.NoFileException;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Tests of the files of exports, which are fetched until they are whole, checked, and deleted in time. */
class ExportFilesTest extends ExportWorkerFixture {
    @Test
    void a_full_disk_leaves_the_part_fetchable_and_is_told() {
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.RUNNING);
        played.files.breakWrite(new FileSystemException("secret/path", null, "No space left on device"));
        played.untilPart(export, JobState.Name.FETCHING);
        played.pass(Duration.ofSeconds(60));
        Export.Part stuck = played.part(export);

        played.files.breakWrite(null);
        Export done = played.untilOver(export);

        assertThat(stuck.state()).isEqualTo(JobState.Name.FETCHING);
        assertThat(problem(stuck).kind()).isEqualTo(JobProblem.Kind.STORAGE_FAILED);
        assertThat(problem(stuck).detail()).contains("No space left").doesNotContain("secret");
        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.jobsOf("a")).isOne();
        assertThat(results()).isDirectoryContaining(file -> true);
    }

    @Test
    void files_that_cannot_be_begun_or_finished_are_fetched_again() throws IOException {
        Export export = played.submit("a");
        played.files.breakCreate(new IOException("read-only"));
        played.untilPart(export, JobState.Name.FETCHING);
        played.pass(Duration.ofSeconds(2));
        JobProblem begun = problem(played.part(export));
        played.files.breakCreate(null);
        played.files.breakFinish(new IOException("no fsync"));
        played.pass(Duration.ofSeconds(30));
        JobProblem finished = problem(played.part(export));
        List<Path> left = left();

        played.files.breakFinish(null);
        Export done = played.untilOver(export);

        assertThat(begun.detail()).contains("read-only");
        assertThat(finished.detail()).contains("no fsync");
        assertThat(left).isEmpty();
        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(left()).hasSize(1);
    }

    @Test
    void a_file_that_breaks_off_or_is_too_short_is_fetched_again() throws IOException {
        vendor.contents.add(job -> PlayedVendor.breakingOff());
        vendor.contents.add(job -> new Exporter.Content(
                "text/plain", OptionalLong.of(11), new ByteArrayInputStream(new byte[] {'r', 'e'})));
        List<String> problems = new ArrayList<>();
        Export export = played.submit("a");

        Export done = played.until(export, now -> {
            JobProblem problem = now.parts().getFirst().problem();
            if (problem != null && !problems.contains(problem.detail())) {
                problems.add(problem.detail());
                assertThat(problem.kind()).isEqualTo(JobProblem.Kind.RESULT_INCOMPLETE);
            }
            return now.state().over();
        });

        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(problems).hasSize(2);
        assertThat(problems.getLast()).isEqualTo("2 of 11 bytes came");
        assertThat(vendor.fetches()).isEqualTo(3);
        assertThat(left()).hasSize(1);
    }

    @Test
    void a_file_that_the_vendor_does_not_have_is_asked_for_some_times() {
        for (int i = 0; i < 100; i++) {
            vendor.contents.add(job -> {
                throw new NoFileException("HTTP 404");
            });
        }

        Export failed = played.untilOver(played.submit("a"));

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.EXPORT_FAILED);
        assertThat(vendor.fetches()).isEqualTo(4);
    }

    @Test
    void a_result_of_another_period_fails() throws IOException {
        vendor.contents.add(job -> PlayedVendor.content("result of b"));

        Export failed = played.untilOver(played.submit("a"));

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.PERIOD_MISMATCH);
        assertThat(left()).isEmpty();
    }

    @Test
    void a_file_whose_time_has_come_is_deleted() throws IOException {
        Export export = played.submit("a");
        played.untilOver(export);

        played.clock.pass(Duration.ofDays(30));
        played.tick();

        assertThat(left()).isEmpty();
        assertThat(played.part(export).fileUntil()).isNull();
    }

    @Test
    void what_was_long_ago_is_forgotten() {
        Export export = played.submit("a");
        played.untilOver(export);

        played.clock.pass(Duration.ofDays(91));
        played.tick();

        assertThat(played.requests.find(export.id(), null)).isEmpty();
    }

    @Test
    void what_a_dead_process_has_written_is_deleted_by_the_next() throws IOException {
        Files.createDirectories(results());
        played.stores.files().begin("job_1-2", "job_1");
        Files.writeString(results().resolve("job_1-2.part"), "half");
        played.stores.files().begin("job_1-3", "job_1");
        Files.writeString(results().resolve("job_1-3"), "whole, but its process died before it could say so");

        played.tick();

        assertThat(left()).isEmpty();
    }

    @Test
    void what_is_being_written_is_not_swept_away() {
        Export export = played.submit("a");
        played.files.whileWriting(() -> played.clock.pass(Duration.ofHours(2)));
        played.untilOver(export);

        assertThat(played.find(export).state()).isEqualTo(Export.State.DONE);
    }
}
