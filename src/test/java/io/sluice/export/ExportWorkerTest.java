package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter.Report;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.simulation.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of the way of exports to their end, of deadlines, and of failures on the way. */
class ExportWorkerTest extends ExportWorkerFixture {
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
        Instant theirs = VirtualTime.START.plus(Duration.ofDays(7));
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

    @Test
    void a_job_that_is_not_over_in_time_is_cancelled_and_fails() {
        vendor.takes(Duration.ofDays(9));
        Export export = played.submit("a");

        Export failed = played.untilOver(export);

        assertThat(problem(failed).kind()).isEqualTo(JobProblem.Kind.DEADLINE_PASSED);
        assertThat(Duration.between(VirtualTime.START, played.clock.instant()))
                .isBetween(Duration.ofHours(2), Duration.ofHours(2).plusSeconds(20));
        assertThat(vendor.cancelled()).containsExactly("v1");
    }

    @Test
    void what_the_vendor_was_told_that_it_may_wait_is_added_to_the_deadline() {
        vendor.takes(Duration.ofDays(9));
        Export export = played.submit("team", Duration.ofHours(1), "a");

        played.untilOver(export);

        assertThat(Duration.between(VirtualTime.START, played.clock.instant()))
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
        assertThat(Duration.between(VirtualTime.START, played.clock.instant()))
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
