package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of workers whose lease on a job has expired. */
class ExportLeasesTest extends ExportWorkerFixture {
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
}
