package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.files.FolderFiles;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Exporter.NoFileException;
import io.sluice.export.job.Exporter.Report;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.export.job.SlotAware;
import io.sluice.store.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of exports, whatever the vendor, the store and the process do. On virtual time. */
@SuppressWarnings("NullAway.Init") // set up before each test
class ExportWorkerTest {
    @TempDir
    Path directory;

    private PlayedExports played;
    private PlayedVendor vendor;

    @BeforeEach
    void play() {
        played = new PlayedExports(TestDatabase.fastSqlite(directory.resolve("db")), new FolderFiles(results()));
        vendor = played.vendor;
    }

    @AfterEach
    void forgetInterrupts() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static JobProblem problem(Export export) {
        return problem(export.parts().getFirst());
    }

    private static JobProblem problem(Export.Part part) {
        return Objects.requireNonNull(part.problem());
    }

    private static JobState.StoredFile file(Export.Part part) {
        return Objects.requireNonNull(part.file());
    }

    private Path results() {
        return directory.resolve("exports");
    }

    // The way to the end.

    @Test
    void an_export_is_submitted_polled_and_fetched() throws IOException {
        Export export = played.submit("a");

        Export done = played.untilOver(export);

        Export.Part part = done.parts().getFirst();
        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(part.vendorJobId()).isEqualTo("v1");
        assertThat(part.attempts()).isOne();
        assertThat(part.bytes()).isEqualTo("result of a".length());
        assertThat(part.fileName()).isEqualTo("file-v1.txt");
        assertThat(file(part).sha256()).isEqualTo("0678d5720ff3fe0ec6e48557954ea1d4f538160fa349165cabb87edbd894ad80");
        assertThat(results().resolve(file(part).key())).hasContent("result of a");
        assertThat(part.fileUntil()).isEqualTo(played.clock.instant().plus(Duration.ofDays(30)));
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void every_state_is_stored_before_the_next_step() {
        Export export = played.submit("a");
        List<JobState.Name> states = new ArrayList<>(List.of(played.part(export).state()));
        vendor.submissions.add(job -> {
            states.add(played.part(export).state());
            return new Submission.Accepted(vendor.begin("a"));
        });
        vendor.reports.add(job -> {
            states.add(played.part(export).state());
            return new Report.Ended(new JobState.Ended(null, null, null, java.util.Map.of()));
        });
        vendor.contents.add(job -> {
            states.add(played.part(export).state());
            return PlayedVendor.content("result of a");
        });

        states.add(played.untilOver(export).parts().getFirst().state());

        assertThat(states)
                .containsExactly(
                        JobState.Name.QUEUED,
                        JobState.Name.SUBMITTING,
                        JobState.Name.RUNNING,
                        JobState.Name.FETCHING,
                        JobState.Name.DONE);
    }

    @Test
    void a_freed_slot_is_taken_at_once_and_slots_are_never_exceeded() {
        Export export = played.submit("a", "b", "c", "d", "e", "f", "g");

        played.pass(Duration.ofSeconds(2));
        int submitted = vendor.most();
        played.untilOver(export);

        assertThat(submitted).isEqualTo(3);
        assertThat(vendor.most()).isEqualTo(3);
        for (String part : List.of("a", "b", "c", "d", "e", "f", "g")) {
            assertThat(vendor.jobsOf(part)).as(part).isOne();
        }
    }

    @Test
    void the_vendor_keeps_a_file_for_less_than_we_would() {
        Instant theirs = HandClock.START.plus(Duration.ofDays(7));
        vendor.reports.add(job ->
                new Report.Ended(new JobState.Ended("f", theirs, 1_000L, java.util.Map.of("rows_truncated", true))));
        Export export = played.submit("a");

        Export.Part part = played.untilOver(export).parts().getFirst();

        assertThat(part.fileUntil()).isEqualTo(theirs);
        assertThat(part.flags()).containsEntry("rows_truncated", true);
    }

    @Test
    void a_job_of_a_known_kind_is_looked_at_when_it_should_be_over() {
        vendor.takes(Duration.ofSeconds(200));
        played.untilOver(played.submit("a"));
        Instant began = played.clock.instant();
        int before = vendor.looks();

        played.untilOver(played.submit("b"));

        Duration took = Duration.between(began, played.clock.instant());
        assertThat(took).isBetween(Duration.ofSeconds(200), Duration.ofSeconds(211));
        assertThat(vendor.looks() - before).isLessThan(16);
    }

    // Orders whose outcome is unknown.

    @Test
    void a_job_whose_answer_was_lost_is_adopted() {
        vendor.submissions.add(job -> {
            vendor.begin("a");
            return new Submission.Unknown("no answer came");
        });
        Export export = played.submit("a");
        played.tick();
        Export.Part unknown = played.part(export);

        Export.Part done = played.untilOver(export).parts().getFirst();

        assertThat(unknown.state()).isEqualTo(JobState.Name.SUBMITTING);
        assertThat(problem(unknown).kind()).isEqualTo(JobProblem.Kind.VENDOR_UNAVAILABLE);
        assertThat(done.state()).isEqualTo(JobState.Name.DONE);
        assertThat(done.attempts()).isOne();
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void an_order_that_never_arrived_is_sent_again() {
        vendor.submissions.add(job -> new Submission.Unknown("no answer came"));
        Export export = played.submit("a");

        Export.Part done = played.untilOver(export).parts().getFirst();

        assertThat(done.state()).isEqualTo(JobState.Name.DONE);
        assertThat(done.attempts()).isEqualTo(2);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void the_vendor_is_searched_only_when_it_had_time_to_begin() {
        Instant[] searched = new Instant[1];
        Instant[] lost = new Instant[1];
        vendor.submissions.add(job -> {
            // A call that was given up after a minute.
            lost[0] = played.clock.pass(Duration.ofSeconds(60));
            return new Submission.Unknown("no answer came");
        });
        vendor.lists.add(job -> {
            searched[0] = played.clock.instant();
            return List.of(vendor.begin("a"));
        });

        played.untilOver(played.submit("a"));

        assertThat(Duration.between(lost[0], searched[0])).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void a_process_that_died_after_its_order_leaves_a_job_that_is_adopted() {
        vendor.submissions.add(job -> {
            vendor.begin("a");
            throw new InterruptedException();
        });
        Export export = played.submit("a");
        played.tick();
        assertThat(Thread.interrupted()).isTrue();

        played.crash();
        Export.Part done = played.untilOver(export).parts().getFirst();

        assertThat(done.state()).isEqualTo(JobState.Name.DONE);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void a_process_that_died_before_its_order_leaves_one_that_is_sent_again() {
        Export export = played.submit("a");
        played.tickWithoutSteps();

        played.crash();
        Export.Part done = played.untilOver(export).parts().getFirst();

        assertThat(done.state()).isEqualTo(JobState.Name.DONE);
        assertThat(done.attempts()).isEqualTo(2);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void anothers_job_that_was_taken_for_ours_is_left_and_the_search_goes_on() {
        vendor.submissions.add(job -> {
            vendor.begin("of somebody else");
            vendor.begin("a");
            return new Submission.Unknown("no answer came");
        });
        Export export = played.submit("a");

        Export done = played.untilOver(export);

        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(done.parts().getFirst().vendorJobId()).isEqualTo("v2");
        assertThat(vendor.jobsOf("a")).isOne();
        assertThat(vendor.cancelled()).isEmpty();
    }

    @Test
    void when_all_that_is_found_is_anothers_the_order_is_sent_again() {
        vendor.submissions.add(job -> {
            vendor.begin("of somebody else");
            return new Submission.Unknown("no answer came");
        });
        Export export = played.submit("a");

        Export done = played.untilOver(export);

        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(done.parts().getFirst().attempts()).isEqualTo(2);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void a_search_does_not_take_the_job_of_an_order_that_was_sent_later() {
        // The first order never arrives, and another's job is taken for its own until it turns out to be none.
        vendor.submissions.add(job -> {
            vendor.begin("of somebody else");
            return new Submission.Unknown("no answer came");
        });
        Export first = played.submit("a");
        played.untilPart(first, JobState.Name.RUNNING);
        // Its search begins again while the second order's answer is lost.
        Export second = played.submit("b");
        vendor.submissions.add(job -> {
            vendor.begin("b");
            return new Submission.Unknown("no answer came");
        });

        played.untilOver(first);
        played.untilOver(second);

        assertThat(played.find(first).state()).isEqualTo(Export.State.DONE);
        assertThat(played.find(second).state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.jobsOf("a")).isOne();
        assertThat(vendor.jobsOf("b")).isOne();
    }

    // Refusals.

    @Test
    void a_quota_that_is_used_up_fails_at_once_and_says_until_when() {
        Instant returns = HandClock.START.plus(Duration.ofDays(9));
        vendor.submissions.add(job -> new Submission.Refused(
                new JobProblem(JobProblem.Kind.QUOTA_EXHAUSTED, "the quota is used up", returns)));
        Export export = played.submit("a");

        played.tick();

        Export.Part part = played.part(export);
        assertThat(part.state()).isEqualTo(JobState.Name.FAILED);
        assertThat(problem(part).kind()).isEqualTo(JobProblem.Kind.QUOTA_EXHAUSTED);
        assertThat(problem(part).until()).isEqualTo(returns);
    }

    @Test
    void slots_that_others_have_taken_are_waited_for() {
        vendor.slots(1);
        vendor.takes(Duration.ofSeconds(100));
        vendor.begin("of somebody else");
        vendor.takes(Duration.ofSeconds(12));
        Export export = played.submit("a");
        played.tick();
        Export.Part waiting = played.part(export);

        Export done = played.untilOver(export);

        assertThat(waiting.state()).isEqualTo(JobState.Name.QUEUED);
        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.most()).isOne();
        assertThat(Duration.between(HandClock.START, played.clock.instant()))
                .isBetween(Duration.ofSeconds(112), Duration.ofSeconds(130));
    }

    @Test
    void jobs_of_others_are_asked_for_as_long_as_there_are_some_although_none_of_ours_is_left() {
        vendor.takes(Duration.ofMinutes(5));
        vendor.begin("of somebody else");
        vendor.takes(Duration.ofSeconds(12));
        played.untilOver(played.submit("a"));
        assertThat(vendor.slotsInUse()).isOne();

        played.pass(Duration.ofMinutes(6));

        assertThat(vendor.slotsInUse()).isZero();
        int asked = vendor.asked();
        played.pass(Duration.ofHours(1));
        assertThat(vendor.asked()).isEqualTo(asked);
    }

    @Test
    void a_job_that_the_vendor_no_longer_names_is_looked_at_before_its_time() {
        vendor.takes(Duration.ofSeconds(43));
        Export first = played.submit("a");
        played.submit("b", "c", "d");

        Export done = played.untilOver(first);

        // Asked for the slots every 10 s, since a part waits; by the times for looking alone it is after 65 s.
        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(Duration.between(HandClock.START, played.clock.instant()))
                .isBetween(Duration.ofSeconds(43), Duration.ofSeconds(55));
    }

    @Test
    void a_slot_of_a_job_that_was_given_up_is_asked_for_at_once() {
        vendor.slots(1);
        vendor.reports.add(job -> new Report.Failed(JobProblem.of(JobProblem.Kind.EXPORT_FAILED, "no")));
        Export failed = played.submit("a");
        played.untilOver(failed);
        int asked = vendor.asked();

        played.submit("b");
        played.pass(Duration.ofSeconds(1));

        assertThat(vendor.asked()).isEqualTo(asked + 1);
    }

    @Test
    void what_another_process_has_learned_is_told_to_the_exporter() {
        played.submit("a");
        played.tick();
        assertThat(vendor.slotsInUse()).isOne();

        played.stores
                .slots()
                .learn(
                        PlayedVendor.ACCOUNT,
                        "team",
                        new SlotAware.Capacity(3, 2, Set.of("v1", "x")),
                        played.clock.instant());
        played.tick();

        assertThat(vendor.slotsInUse()).isEqualTo(2);
    }

    @Test
    void a_refusal_for_slots_has_the_vendor_asked_for_them_soon() {
        vendor.submissions.add(job -> new Submission.SlotsTaken("all slots are taken"));
        Export export = played.submit("a");
        played.tick();
        int asked = vendor.asked();

        played.pass(Duration.ofSeconds(10));

        assertThat(vendor.asked()).isEqualTo(asked + 1);
        assertThat(played.untilOver(export).state()).isEqualTo(Export.State.DONE);
    }

    @Test
    void an_order_that_came_too_early_is_held_back_for_as_long_as_the_vendor_says() {
        Instant[] again = new Instant[1];
        vendor.submissions.add(job -> new Submission.RetryLater(Duration.ofSeconds(90), "HTTP 429"));
        vendor.submissions.add(job -> {
            again[0] = played.clock.instant();
            return new Submission.Accepted(vendor.begin("a"));
        });
        Export export = played.submit("a", "b");

        played.untilOver(export);

        assertThat(Duration.between(HandClock.START, again[0]))
                .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void a_look_that_came_too_early_is_repeated_when_the_vendor_says() {
        Instant[] looked = new Instant[2];
        vendor.reports.add(job -> {
            looked[0] = played.clock.instant();
            throw new RetryLaterException(Duration.ofSeconds(90), "HTTP 429");
        });
        vendor.reports.add(job -> {
            looked[1] = played.clock.instant();
            return new Report.Running();
        });
        Export export = played.submit("a");
        played.until(export, now -> now.parts().getFirst().problem() != null);
        Export.Part held = played.part(export);

        played.untilOver(export);

        assertThat(problem(held).kind()).isEqualTo(JobProblem.Kind.VENDOR_UNAVAILABLE);
        assertThat(Duration.between(looked[0], looked[1])).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100));
        assertThat(played.part(export).problem()).isNull();
    }

    @Test
    void a_vendors_failure_is_told() {
        vendor.reports.add(job ->
                new Report.Failed(JobProblem.of(JobProblem.Kind.EXPORT_FAILED, "the vendor says FAILED: no data")));
        Export export = played.submit("a");

        Export failed = played.untilOver(export);

        assertThat(failed.state()).isEqualTo(Export.State.FAILED);
        assertThat(problem(failed).detail()).contains("no data");
        assertThat(failed.parts().getFirst().vendorJobId()).isEqualTo("v1");
    }

    // What takes too long.

    @Test
    void a_job_that_is_not_over_in_time_is_cancelled_and_fails() {
        vendor.takes(Duration.ofDays(9));
        Export export = played.submit("a");

        Export failed = played.untilOver(export);

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.DEADLINE_PASSED);
        assertThat(Duration.between(HandClock.START, played.clock.instant()))
                .isBetween(Duration.ofHours(2), Duration.ofHours(2).plusSeconds(20));
        assertThat(vendor.cancelled()).containsExactly("v1");
    }

    @Test
    void what_the_vendor_was_told_that_it_may_wait_is_added_to_the_deadline() {
        vendor.takes(Duration.ofDays(9));
        Export export = played.submit("team", Duration.ofHours(1), "a");

        played.untilOver(export);

        assertThat(Duration.between(HandClock.START, played.clock.instant()))
                .isBetween(Duration.ofHours(3), Duration.ofHours(3).plusSeconds(20));
    }

    @Test
    void a_job_that_cannot_be_cancelled_in_the_end_fails_for_its_deadline_all_the_same() {
        vendor.takes(Duration.ofDays(9));
        vendor.cancels.add(job -> {
            throw new RetryLaterException(Duration.ofSeconds(5), "HTTP 503");
        });

        Export failed = played.untilOver(played.submit("a"));

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.DEADLINE_PASSED);
        assertThat(problem(failed).detail()).contains("HTTP 503");
    }

    @Test
    void a_vendor_that_stays_away_fails_the_export_at_its_deadline() {
        for (int i = 0; i < 2_000; i++) {
            vendor.reports.add(job -> {
                throw new RetryLaterException(Duration.ofSeconds(30), "HTTP 503");
            });
        }

        Export failed = played.untilOver(played.submit("a"));

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.VENDOR_UNAVAILABLE);
        assertThat(Duration.between(HandClock.START, played.clock.instant()))
                .isBetween(Duration.ofHours(2), Duration.ofHours(2).plusSeconds(60));
    }

    @Test
    void a_part_that_finds_no_slot_in_a_day_fails() {
        vendor.slots(1);
        vendor.takes(Duration.ofDays(9));
        vendor.begin("of somebody else");
        Export export = played.submit("a");

        Export failed = played.untilOver(export);

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.DEADLINE_PASSED);
        assertThat(vendor.jobsOf("a")).isZero();
    }

    // Files.

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

    @Test
    void whoever_lost_its_lease_while_fetching_leaves_no_file() throws IOException {
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.RUNNING);
        played.files.whileWriting(() -> {
            played.files.whileWriting(() -> {});
            Instant later = played.clock.pass(Duration.ofSeconds(31));
            assertThat(played.store.claimDue(later, later, new JobStore.Lease("other", 1, later.plusSeconds(30)), 10))
                    .hasSize(1);
        });
        played.until(export, now -> vendor.fetches() == 1);

        Export done = played.untilOver(export);
        played.tick();

        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.fetches()).isEqualTo(2);
        assertThat(left()).hasSize(1);
    }

    @Test
    void whoever_slept_beyond_its_lease_before_the_first_byte_leaves_no_file() throws IOException {
        Export export = played.submit("a");
        vendor.contents.add(job -> {
            played.clock.pass(Duration.ofSeconds(31));
            played.purge();
            return PlayedVendor.content("result of a");
        });

        Export done = played.untilOver(export);
        played.tick();

        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.fetches()).isEqualTo(2);
        assertThat(left())
                .containsExactly(results().resolve(file(done.parts().getFirst()).key()));
    }

    @Test
    void whoever_slept_beyond_its_lease_sends_no_order_though_it_would_like_to_go_on() {
        Export export = played.submit("a");
        played.tickWithoutSteps();
        Instant later = played.clock.pass(Duration.ofSeconds(45));
        List<Job> taken =
                played.store.claimDue(later, later, new JobStore.Lease("other", 1, later.plusSeconds(30)), 10);

        played.tickWithoutSteps();
        played.steps();

        assertThat(taken).hasSize(1);
        assertThat(played.part(export).state()).isEqualTo(JobState.Name.SUBMITTING);
        assertThat(vendor.begun()).isZero();
    }

    @Test
    void whoever_slept_beyond_its_lease_sends_no_order() {
        Export export = played.submit("a");
        played.tickWithoutSteps();
        Instant later = played.clock.pass(Duration.ofSeconds(45));
        List<Job> taken =
                played.store.claimDue(later, later, new JobStore.Lease("other", 1, later.plusSeconds(30)), 10);

        played.steps();

        assertThat(taken).hasSize(1);
        assertThat(played.part(export).state()).isEqualTo(JobState.Name.SUBMITTING);
        assertThat(vendor.begun()).isZero();
    }

    @Test
    void an_order_is_not_sent_so_late_that_others_may_look_for_its_job_before_it_is_there() {
        Export export = played.submit("a");
        played.tickWithoutSteps();
        played.clock.pass(Duration.ofSeconds(20)); // two thirds of a lease

        played.steps();

        assertThat(vendor.begun()).isZero();
        assertThat(played.part(export).state()).isEqualTo(JobState.Name.QUEUED);
        assertThat(played.untilOver(export).state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.begun()).isEqualTo(1);
    }

    @Test
    void whoever_claims_a_job_anew_does_not_go_on_with_what_it_slept_over() {
        Export export = played.submit("a");
        played.tickWithoutSteps();
        played.clock.pass(Duration.ofSeconds(45));
        orderedByOther("a");
        played.clock.pass(Duration.ofSeconds(5));

        played.tickWithoutSteps(); // claims the job, whose order it still has in hand
        played.clock.pass(Duration.ofSeconds(15));
        played.tickWithoutSteps(); // would prolong that
        played.steps();

        assertThat(vendor.begun()).isEqualTo(1);
        assertThat(played.part(export).state()).isEqualTo(JobState.Name.RUNNING);
        assertThat(played.untilOver(export).state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.begun()).isEqualTo(1);
    }

    /** Another process finds that there is no job, and orders it itself. */
    private void orderedByOther(String part) {
        Instant now = played.clock.instant();
        JobStore.Lease lease = new JobStore.Lease("other", 1, now.plusSeconds(30));
        Job taken = played.store.claimDue(now, now, lease, 10).getFirst();
        played.store.save(
                taken.next(new JobState.Queued(), now.plusSeconds(60), now.plusSeconds(60)), lease, now, null);
        Job ordered = played.store
                .claimNext(PlayedVendor.ACCOUNT, now, now.plusSeconds(40), lease)
                .orElseThrow();
        JobState.Running running = new JobState.Running(vendor.begin(part), now, 0, null, List.of());
        played.store.save(ordered.next(running, now.plusSeconds(5), now.plusSeconds(3600)), lease, now, null);
    }

    private List<Path> left() throws IOException {
        if (!Files.exists(results())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(results())) {
            return files.toList();
        }
    }

    // Cancelling.

    @Test
    void a_part_that_waits_is_cancelled_without_a_word_to_the_vendor() {
        Export export = played.submit("a");

        played.cancel(export);
        played.pass(Duration.ofSeconds(30));

        assertThat(played.find(export).state()).isEqualTo(Export.State.CANCELLED);
        assertThat(vendor.jobsOf("a")).isZero();
    }

    @Test
    void a_job_that_runs_is_cancelled_at_the_vendor() {
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.RUNNING);

        played.cancel(export);
        played.tick();

        assertThat(vendor.cancelled()).containsExactly("v1");
        assertThat(played.part(export).state()).isEqualTo(JobState.Name.CANCELLED);
    }

    @Test
    void a_cancelling_that_the_vendor_does_not_answer_is_repeated() {
        vendor.cancels.add(job -> {
            throw new RetryLaterException(Duration.ofSeconds(5), "HTTP 503");
        });
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.RUNNING);

        played.cancel(export);
        played.pass(Duration.ofSeconds(7));

        assertThat(vendor.cancelled()).containsExactly("v1");
    }

    @Test
    void a_job_that_is_cancelled_while_its_order_is_on_its_way_is_found_and_cancelled() {
        Export[] export = new Export[1];
        vendor.submissions.add(job -> {
            vendor.begin("a");
            played.cancel(export[0]);
            return new Submission.Unknown("no answer came");
        });
        export[0] = played.submit("a");

        played.pass(Duration.ofSeconds(30));

        assertThat(vendor.cancelled()).containsExactly("v1");
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void an_order_that_never_arrived_and_was_cancelled_is_not_sent_again() {
        Export[] export = new Export[1];
        vendor.submissions.add(job -> {
            played.cancel(export[0]);
            return new Submission.Unknown("no answer came");
        });
        export[0] = played.submit("a");

        played.pass(Duration.ofSeconds(60));

        assertThat(vendor.jobsOf("a")).isZero();
        assertThat(played.find(export[0]).state()).isEqualTo(Export.State.CANCELLED);
    }

    @Test
    void a_file_that_is_being_fetched_is_not_wanted_any_more() throws IOException {
        played.files.breakWrite(new IOException("full"));
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.FETCHING);

        played.cancel(export);
        played.files.breakWrite(null);
        played.pass(Duration.ofSeconds(60));

        assertThat(played.part(export).state()).isEqualTo(JobState.Name.CANCELLED);
        assertThat(left()).isEmpty();
    }

    @Test
    void a_job_with_two_owners_goes_on_until_the_last_has_gone() {
        Export mine = played.submit("one", Duration.ZERO, "a");
        Export theirs = played.submit("two", Duration.ZERO, "a");
        played.untilPart(mine, JobState.Name.RUNNING);

        played.cancel(mine);
        played.pass(Duration.ofSeconds(2));
        List<String> kept = List.copyOf(vendor.cancelled());
        Export done = played.untilOver(theirs);

        assertThat(kept).isEmpty();
        assertThat(done.state()).isEqualTo(Export.State.DONE);
        assertThat(played.find(mine).state()).isEqualTo(Export.State.CANCELLED);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    // Mishaps.

    @Test
    void a_step_that_fails_for_a_bug_is_taken_again() {
        vendor.reports.add(job -> {
            throw new IllegalStateException("a bug");
        });

        assertThat(played.untilOver(played.submit("a")).state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void jobs_of_an_account_that_is_gone_fail() {
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.RUNNING);

        vendor.forgetAccount();
        Export failed = played.untilOver(export);

        assertThat(problem(failed).detail()).contains("not configured any more");
    }

    @Test
    void a_process_that_says_goodbye_leaves_its_jobs_to_the_next_at_once() {
        Export export = played.submit("a");
        played.untilPart(export, JobState.Name.RUNNING);
        played.clock.pass(Duration.ofSeconds(30));
        played.tickWithoutSteps();

        played.releaseLeases();
        List<Job> free = played.store.claimDue(
                played.clock.instant(),
                played.clock.instant(),
                new JobStore.Lease("next", 1, played.clock.instant().plusSeconds(30)),
                10);

        assertThat(free).hasSize(1);
    }

    @Test
    void the_id_of_a_job_is_stored_once_the_database_is_back_and_nobody_looks_for_the_job() {
        Export export = played.submit("a");
        vendor.submissions.add(job -> {
            played.databaseAway(true);
            return new Submission.Accepted(vendor.begin("a"));
        });
        played.tick();
        JobState.Name meanwhile = played.part(export).state();
        vendor.lists.add(job -> {
            throw new AssertionError("nothing is unknown");
        });
        played.databaseAway(false);
        played.pass(Duration.ofSeconds(1));
        Export.Part later = played.part(export);

        assertThat(meanwhile).isEqualTo(JobState.Name.SUBMITTING);
        assertThat(later.state()).isEqualTo(JobState.Name.RUNNING);
        assertThat(later.vendorJobId()).isEqualTo("v1");
        assertThat(played.untilOver(export).state()).isEqualTo(Export.State.DONE);
        assertThat(vendor.jobsOf("a")).isOne();
    }

    @Test
    void a_vendor_that_says_when_to_come_back_is_asked_again_just_then() {
        Export export = played.submit("a");
        List<Instant> looks = new ArrayList<>();
        vendor.reports.add(job -> {
            looks.add(played.clock.instant());
            throw new RetryLaterException(Duration.ofMillis(17_250), "HTTP 503");
        });
        vendor.reports.add(job -> {
            looks.add(played.clock.instant());
            return new Report.Running();
        });

        played.untilOver(export);

        assertThat(Duration.between(looks.getFirst(), looks.getLast())).isEqualTo(Duration.ofMillis(17_250));
    }

    @Test
    void more_jobs_than_threads_wait_for_a_step_to_end_and_not_for_the_next_tick() {
        vendor.slots(40);
        played.stores.slots().watch(PlayedVendor.ACCOUNT, 40);
        Export export =
                played.submit(IntStream.range(0, 40).mapToObj(i -> "part-" + i).toArray(String[]::new));
        played.until(export, now -> now.parts().stream().allMatch(part -> part.state() == JobState.Name.RUNNING));
        int before = vendor.looks();
        played.clock.pass(Duration.ofHours(1));

        played.tick();

        assertThat(vendor.looks() - before).isEqualTo(40);
    }

    @Test
    void a_vendor_that_does_not_tell_its_slots_is_asked_again_later() {
        vendor.capacities.add(job -> {
            throw new RetryLaterException(Duration.ofSeconds(5), "HTTP 500");
        });
        Export export = played.submit("a", "b");

        played.pass(Duration.ofSeconds(11));

        assertThat(vendor.asked()).isEqualTo(2);
        assertThat(played.untilOver(export).state()).isEqualTo(Export.State.DONE);
    }
}
