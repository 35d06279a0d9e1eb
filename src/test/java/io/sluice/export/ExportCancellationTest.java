package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.JobState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of cancelling, in each state of an export. */
class ExportCancellationTest extends ExportWorkerFixture {
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
}
