package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Export;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobState.Done;
import io.sluice.export.job.JobState.Fetching;
import io.sluice.export.job.JobState.StoredFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The contract of claims and leases of export jobs, on any database. */
abstract class ExportLeasesContract extends ExportStoreFixture {
    @Test
    void a_job_is_claimed_by_one_owner_until_its_lease_ends() {
        running("a", "v1");
        clock.pass(Duration.ofSeconds(5));

        List<Job> first = claimDue("one");
        List<Job> meanwhile = claimDue("two");
        clock.pass(Duration.ofSeconds(30));
        List<Job> later = claimDue("two");

        assertThat(first).hasSize(1);
        assertThat(meanwhile).isEmpty();
        assertThat(later).extracting(Job::id).containsExactly(first.getFirst().id());
    }

    @Test
    void a_renewed_lease_is_not_taken_away() {
        Job job = running("a", "v1");
        clock.pass(Duration.ofSeconds(5));
        claimDue("one");

        clock.pass(Duration.ofSeconds(25));
        store.renew(Map.of(job.id(), 77L), lease("one"), clock.instant());
        clock.pass(Duration.ofSeconds(25));

        assertThat(claimDue("two")).isEmpty();
    }

    @Test
    void what_comes_of_a_step_whose_lease_was_lost_is_discarded() {
        running("a", "v1");
        clock.pass(Duration.ofSeconds(5));
        Job slow = claimDue("one").getFirst();
        clock.pass(Duration.ofSeconds(31));
        Job taken = claimDue("two").getFirst();

        boolean late = save(failed(slow), "one");
        boolean ours = save(fetching(taken), "two");

        assertThat(late).isFalse();
        assertThat(ours).isTrue();
        clock.pass(Duration.ofSeconds(1));
        assertThat(claimDue("three").getFirst().state()).isInstanceOf(Fetching.class);
    }

    @Test
    void what_comes_of_a_lost_claim_is_discarded_also_if_the_same_process_claims_the_job_again() {
        Job first = running("a", "v1");
        clock.pass(Duration.ofSeconds(5));
        Job slow = claimDue("one").getFirst();
        clock.pass(Duration.ofSeconds(31));
        JobStore.Lease again = new JobStore.Lease("one", 2, clock.instant().plusSeconds(30));
        Job taken = store.claimDue(clock.instant(), clock.instant(), again, 1).getFirst();

        boolean late = save(failed(slow), "one");
        Set<String> prolonged = store.renew(Map.of(first.id(), 0L), lease("one"), clock.instant());
        boolean ours = store.save(fetching(taken), again, clock.instant(), null);

        assertThat(late).isFalse();
        assertThat(prolonged).isEmpty();
        assertThat(ours).isTrue();
    }

    @Test
    void a_lost_lease_is_not_renewed() {
        Job job = running("a", "v1");
        clock.pass(Duration.ofSeconds(5));
        claimDue("one");
        clock.pass(Duration.ofSeconds(31));
        claimDue("two");

        store.renew(Map.of(job.id(), 1L), lease("one").until(clock.instant().plus(DAY)), clock.instant());
        clock.pass(Duration.ofSeconds(31));

        assertThat(claimDue("three")).hasSize(1);
    }

    @Test
    void the_longest_due_are_claimed_first_and_no_more_than_asked_for() {
        List<String> ids = new ArrayList<>();
        for (String part : List.of("a", "b", "c")) {
            ids.add(running(part, "v" + part).id());
            clock.pass(Duration.ofSeconds(1));
        }
        clock.pass(Duration.ofSeconds(60));

        List<Job> two = store.claimDue(clock.instant(), clock.instant(), lease("one"), 2);

        assertThat(two).extracting(Job::id).containsExactlyInAnyOrder(ids.get(0), ids.get(1));
    }

    @Test
    void nothing_is_claimed_before_it_is_due() {
        running("a", "v1");
        submit("team", "b");
        clock.pass(Duration.ofMillis(4_999));

        assertThat(claimDue("one")).isEmpty();
    }

    @Test
    void an_order_on_its_way_is_looked_for_when_its_lease_and_the_vendors_time_have_passed() {
        submit("team", "a");
        Job job = claimNext("one").orElseThrow();
        Instant later = clock.instant().plus(Duration.ofSeconds(45));

        store.renew(Map.of(job.id(), 0L), lease("one"), later);
        clock.pass(Duration.ofSeconds(40));
        List<Job> early = claimDue("two");
        clock.pass(Duration.ofSeconds(5));

        assertThat(early).isEmpty();
        assertThat(claimDue("two")).extracting(Job::id).containsExactly(job.id());
    }

    @Test
    void an_order_that_a_dead_process_was_sending_is_looked_for_when_the_vendor_has_had_its_time() {
        submit("team", "a");
        claimNext("one");

        store.endLeases(clock.instant().plusSeconds(3));
        List<Job> early = claimDue("two");
        clock.pass(Duration.ofSeconds(3));

        assertThat(early).isEmpty();
        assertThat(claimDue("two")).hasSize(1);
    }

    @Test
    void cancelling_does_not_have_an_order_looked_for_before_the_vendor_has_had_its_time() {
        Export export = submit("team", "a");
        claimNext("one");
        store.endLeases(clock.instant().plusSeconds(3));

        requests.cancel(export.id(), null, clock.instant());
        List<Job> early = claimDue("two");
        clock.pass(Duration.ofSeconds(3));

        assertThat(early).isEmpty();
        assertThat(claimDue("two").getFirst().cancelling()).isTrue();
    }

    @Test
    void files_of_jobs_that_nobody_works_on_are_abandoned_and_can_be_nobodys_any_more() {
        running("a", "v1");
        clock.pass(Duration.ofSeconds(5));
        Job slow = claimDue("one").getFirst();
        files.begin("left", slow.id());
        List<String> atWork = files.abandoned(clock.instant(), 10);
        clock.pass(Duration.ofSeconds(31));
        List<String> abandoned = files.abandoned(clock.instant(), 10);

        Done done = new Done("v1", 1, ENDED, new StoredFile("left", "text/plain", 9, "ab"));
        boolean saved = store.save(slow.over(done), lease("one"), clock.instant(), null);
        files.purgeAbandoned("left");

        assertThat(atWork).isEmpty();
        assertThat(abandoned).containsExactly("left");
        assertThat(saved).isFalse();
        assertThat(files.abandoned(clock.instant(), 10)).isEmpty();
        assertThat(claimDue("two")).hasSize(1);
    }

    @Test
    void the_file_of_a_job_that_is_done_is_never_abandoned() {
        running("a", "v1");
        clock.pass(Duration.ofSeconds(5));
        save(finished(claimDue("one").getFirst()), "one");
        clock.pass(DAY);

        assertThat(files.abandoned(clock.instant(), 10)).isEmpty();
    }

    @Test
    void ended_leases_are_free_at_once() {
        running("a", "v1");
        running("b", "v2");
        clock.pass(Duration.ofSeconds(5));
        store.claimDue(clock.instant(), clock.instant(), lease("one"), 1);
        store.claimDue(clock.instant(), clock.instant(), lease("two"), 1);

        store.endLeases("one", clock.instant());
        List<Job> ofOne = claimDue("three");
        store.endLeases(clock.instant());
        List<Job> ofAll = claimDue("four");

        assertThat(ofOne).hasSize(1);
        assertThat(ofAll).hasSize(2);
    }

    @Test
    void two_owners_never_hold_one_job() throws Exception {
        int jobs = 60;
        submit("team", parts(jobs));
        slots(jobs);
        List<String> claimed = together(8, thread -> {
            List<String> mine = new ArrayList<>();
            for (int empty = 0; empty < 20; ) {
                Optional<Job> next = claimNext("owner-" + thread);
                next.ifPresent(job -> mine.add(job.id()));
                next.ifPresent(job -> save(running(job, "v-" + job.id()), "owner-" + thread));
                empty = next.isPresent() ? 0 : empty + 1;
            }
            return mine;
        });
        clock.pass(Duration.ofSeconds(5));
        List<String> due = together(8, thread -> {
            List<String> mine = new ArrayList<>();
            for (List<Job> next = claim("due-" + thread); !next.isEmpty(); next = claim("due-" + thread)) {
                next.forEach(job -> mine.add(job.id()));
            }
            return mine;
        });

        assertThat(claimed).doesNotHaveDuplicates();
        assertThat(due).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(claimed.size());
    }

    private List<Job> claim(String owner) {
        return store.claimDue(clock.instant(), clock.instant(), lease(owner), 3);
    }
}
