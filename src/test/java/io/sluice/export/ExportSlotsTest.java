package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter.Report;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.export.job.SlotAware;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests of exports that the vendor refuses: for slots, for its quota, or since a call came too early. */
class ExportSlotsTest extends ExportWorkerFixture {
    @Test
    void a_quota_that_is_used_up_fails_at_once_and_says_until_when() {
        Instant returns = VirtualTime.START.plus(Duration.ofDays(9));
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
        assertThat(Duration.between(VirtualTime.START, played.clock.instant()))
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
        assertThat(Duration.between(VirtualTime.START, played.clock.instant()))
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

        assertThat(Duration.between(VirtualTime.START, again[0]))
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
}
