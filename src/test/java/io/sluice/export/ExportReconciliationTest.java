package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of submissions with an unknown outcome, whose jobs are looked for, adopted or submitted again. */
class ExportReconciliationTest extends ExportWorkerFixture {
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
}
