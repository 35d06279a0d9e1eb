package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of equal parts, which share a job, and of cancelling, on any database. */
abstract class ExportTwinsContract extends ExportStoreFixture {
    @Test
    void equal_parts_in_flight_are_one_job() {
        Export mine = submit("team", "a", "b");
        Export theirs = submit("other", "b", "c");

        assertThat(jobOf(theirs, "b")).isEqualTo(jobOf(mine, "b"));
        assertThat(jobOf(theirs, "c")).isNotEqualTo(jobOf(mine, "a"));
        claimAll(2);
        assertThat(state(theirs)).isEqualTo(Export.State.RUNNING);
    }

    @Test
    void a_fresh_result_is_not_made_again_and_a_stale_one_is() {
        Export first = submit("team", "a");
        done("a");

        clock.pass(Duration.ofMinutes(15));
        Export fresh = submit("other", "a");
        clock.pass(Duration.ofMillis(1));
        Export stale = submit("other", "a");

        assertThat(fresh.state()).isEqualTo(Export.State.DONE);
        assertThat(fresh.parts().getFirst().file()).isNotNull();
        assertThat(jobOf(fresh, "a")).isEqualTo(jobOf(first, "a"));
        assertThat(stale.state()).isEqualTo(Export.State.QUEUED);
    }

    @Test
    void a_result_that_is_not_kept_any_more_is_made_again() {
        submit("team", "a");
        Job job = claimNext("one").orElseThrow();
        store.save(finished(job), lease("one"), clock.instant(), clock.instant().plusSeconds(60));
        clock.pass(Duration.ofSeconds(60));

        assertThat(submit("other", "a").state()).isEqualTo(Export.State.QUEUED);
    }

    @Test
    void who_wants_it_anew_gets_a_job_of_its_own() {
        Export first = submit("team", "a");
        Export anew = create(request("other", 1, ACCOUNT, List.of("a"), DAY), null);

        assertThat(jobOf(anew, "a")).isNotEqualTo(jobOf(first, "a"));
    }

    @Test
    void cancelled_and_failed_jobs_have_no_twins() {
        Export cancelled = submit("team", "a");
        requests.cancel(cancelled.id(), "team", clock.instant());
        Export second = submit("team", "a");
        save(failed(claimNext("one").orElseThrow()), "one");
        Export third = submit("team", "a");

        assertThat(jobOf(second, "a")).isNotEqualTo(jobOf(cancelled, "a"));
        assertThat(jobOf(third, "a")).isNotEqualTo(jobOf(second, "a"));
    }

    @Test
    void a_job_that_is_being_cancelled_is_nobodys_twin() {
        Export first = submit("team", "a");
        save(running(claimNext("one").orElseThrow(), "v1"), "one");
        requests.cancel(first.id(), "team", clock.instant());

        assertThat(jobOf(submit("other", "a"), "a")).isNotEqualTo(jobOf(first, "a"));
    }

    @Test
    void equal_orders_that_come_together_are_one_job() throws Exception {
        List<String> jobs = together(6, thread -> {
            Export export = submit("team-" + thread, "a");
            return List.of(jobOf(export, "a"));
        });

        assertThat(jobs).hasSize(6).containsOnly(jobs.getFirst());
    }

    @Test
    void a_part_that_waits_is_cancelled_at_once() {
        Export export = submit("team", "a", "b");
        save(running(claimNext("one").orElseThrow(), "v1"), "one");

        Export cancelled = requests.cancel(export.id(), "team", clock.instant()).orElseThrow();

        assertThat(cancelled.state()).isEqualTo(Export.State.CANCELLED);
        assertThat(cancelled.parts()).extracting(Export.Part::state).containsOnly(JobState.Name.CANCELLED);
        assertThat(claimNext("one")).isEmpty();
    }

    @Test
    void a_job_at_the_vendor_is_claimed_at_once_for_cancelling() {
        Export export = submit("team", "a");
        save(running(claimNext("one").orElseThrow(), "v1"), "one");

        requests.cancel(export.id(), "team", clock.instant());
        Job due = claimDue("one").getFirst();

        assertThat(due.cancelling()).isTrue();
        assertThat(due.state().atVendor()).isEqualTo("v1");
    }

    @Test
    void a_job_that_was_cancelled_during_a_step_is_looked_at_again_at_once() {
        Export export = submit("team", "a");
        Job claimed = claimNext("one").orElseThrow();
        requests.cancel(export.id(), "team", clock.instant());

        save(running(claimed, "v1"), "one");

        assertThat(claimDue("one")).singleElement().matches(Job::cancelling);
    }

    @Test
    void a_job_that_ends_in_the_step_during_which_it_was_cancelled_stays_over() {
        Export export = submit("team", "a");
        Job claimed = claimNext("one").orElseThrow();
        requests.cancel(export.id(), "team", clock.instant());

        save(failed(claimed), "one");

        clock.pass(DAY);
        assertThat(claimDue("one")).isEmpty();
    }

    @Test
    void a_job_goes_on_for_its_other_owner_and_is_cancelled_for_the_last() {
        Export mine = submit("team", "a");
        Export theirs = submit("other", "a");
        save(running(claimNext("one").orElseThrow(), "v1"), "one");

        Export gone = requests.cancel(mine.id(), "team", clock.instant()).orElseThrow();
        List<Job> wanted = claimDue("one");
        Export left = find(theirs);
        requests.cancel(theirs.id(), "other", clock.instant());
        List<Job> unwanted = claimDue("one");

        assertThat(gone.state()).isEqualTo(Export.State.CANCELLED);
        assertThat(left.state()).isEqualTo(Export.State.RUNNING);
        assertThat(wanted).isEmpty();
        assertThat(unwanted).singleElement().matches(Job::cancelling);
    }

    @Test
    void cancelling_leaves_what_is_done() {
        Export export = submit("team", "a", "b");
        done("a");

        Export cancelled = requests.cancel(export.id(), "team", clock.instant()).orElseThrow();

        assertThat(cancelled.parts())
                .extracting(Export.Part::state)
                .containsExactly(JobState.Name.DONE, JobState.Name.CANCELLED);
        assertThat(cancelled.state()).isEqualTo(Export.State.CANCELLED);
    }

    @Test
    void what_is_cancelled_twice_stays_cancelled() {
        Export export = submit("team", "a");
        Export once = requests.cancel(export.id(), null, clock.instant()).orElseThrow();

        assertThat(requests.cancel(export.id(), null, clock.instant())).contains(once);
    }

    @Test
    void nobody_finds_or_cancels_what_is_another_teams() {
        Export export = submit("team", "a");

        assertThat(requests.cancel(export.id(), "other", clock.instant())).isEmpty();
        assertThat(requests.find(export.id(), "other")).isEmpty();
        assertThat(requests.find(export.id(), null)).contains(export);
        assertThat(requests.find("exp_unknown", null)).isEmpty();
    }
}
