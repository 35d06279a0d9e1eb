package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.export.ExportRequests.CreateResult;
import io.sluice.export.files.FileRegistry;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.export.job.JobState.Done;
import io.sluice.export.job.JobState.Ended;
import io.sluice.export.job.JobState.Failed;
import io.sluice.export.job.JobState.Fetching;
import io.sluice.export.job.JobState.Queued;
import io.sluice.export.job.JobState.Running;
import io.sluice.export.job.JobState.StoredFile;
import io.sluice.export.job.JobState.Submitting;
import io.sluice.export.job.SlotAware;
import io.sluice.export.slots.SlotStore;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What orders and jobs in a database promise, whichever database it is. */
@SuppressWarnings("NullAway.Init") // set up before each test
abstract class ExportStoreContract {
    private static final String VENDOR = "acme";
    private static final AccountId ACCOUNT = new AccountId(VENDOR, "default");
    private static final AccountId ELSEWHERE = new AccountId(VENDOR, "elsewhere");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Ended ENDED = new Ended("file.json", null, 4_000L, Map.of("rows_truncated", true));

    private final HandClock clock = new HandClock();
    private Database database;
    private JobStore store;
    private SlotStore slotStore;
    private FileRegistry files;
    private DurationStore durations;
    private ExportRequests requests;

    /** A new, empty database. */
    abstract Database database();

    @BeforeEach
    void open() {
        database = database();
        ExportStores stores = ExportStores.of(database);
        store = stores.jobs();
        slotStore = stores.slots();
        files = stores.files();
        durations = stores.durations();
        requests =
                new ExportRequests(database, new IdempotencyStore(database), new Ulids(clock, new SplittableRandom(1)));
    }

    // Claims and leases.

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

    // Slots.

    @Test
    void one_job_of_an_account_is_submitted_at_a_time() {
        submit("team", "a", "b");
        slots(3);

        Optional<Job> first = claimNext("one");
        Optional<Job> second = claimNext("two");
        save(running(first.orElseThrow(), "v1"), "one");
        Optional<Job> third = claimNext("two");

        assertThat(second).isEmpty();
        assertThat(third).isPresent();
    }

    @Test
    void one_job_of_an_account_is_submitted_at_a_time_even_when_all_ask_together() throws Exception {
        for (int round = 0; round < 20; round++) {
            submit("team", "a" + round, "b" + round, "c" + round);
        }
        slots(1_000);

        for (int round = 0; round < 20; round++) {
            List<String> claimed = together(
                    4,
                    thread -> claimNext("owner-" + thread).map(job -> "owner-" + thread + " " + job.id()).stream()
                            .toList());

            assertThat(claimed).hasSize(1);
            String owner = claimed.getFirst().split(" ", 2)[0];
            String id = claimed.getFirst().split(" ", 2)[1];
            assertThat(save(running(job(id), "v" + round), owner)).isTrue();
        }
    }

    @Test
    void an_order_on_its_way_and_jobs_that_run_take_slots_and_fetching_does_not() {
        submit("team", "a", "b", "c");
        slots(2);
        Job first = claimNext("one").orElseThrow();
        save(running(first, "v1"), "one");
        Job second = claimNext("one").orElseThrow();
        save(running(second, "v2"), "one");

        Optional<Job> full = claimNext("one");
        SlotStore.Slots slots = slotStore.of(ACCOUNT).orElseThrow();
        clock.pass(Duration.ofSeconds(5));
        save(fetching(claimDue("one").getFirst()), "one");

        assertThat(full).isEmpty();
        assertThat(slots.full(clock.instant())).isTrue();
        assertThat(slots.taken()).isEqualTo(new SlotStore.SlotsInUse(0, 2));
        assertThat(claimNext("one")).isPresent();
    }

    @Test
    void jobs_of_others_take_slots() {
        submit("team", "a");
        slots(3);
        learn(3, 3);

        Optional<Job> full = claimNext("one");
        learn(3, 2);

        assertThat(full).isEmpty();
        assertThat(claimNext("one")).isPresent();
    }

    @Test
    void jobs_of_ours_that_the_vendor_counts_are_not_others() {
        submit("team", "a", "b");
        slots(3);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");

        learn(3, 1, "v1");
        assertThat(others()).isZero();

        learn(3, 2, "v1", "x");
        assertThat(others()).isOne();
    }

    @Test
    void an_order_that_is_on_its_way_while_the_vendor_is_asked_is_ours_once_it_has_an_id() {
        submit("team", "a", "b");
        slots(3);
        Job first = claimNext("one").orElseThrow();

        learn(3, 1, "v1");
        assertThat(others()).isOne();
        save(running(first, "v1"), "one");

        assertThat(others()).isZero();
    }

    @Test
    void a_job_that_has_ended_is_ours_though_the_vendor_has_counted_it() {
        submit("team", "a", "b");
        slots(1);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");
        learn(1, 1, "v1");
        clock.pass(Duration.ofSeconds(5));

        save(fetching(claimDue("one").getFirst()), "one");

        assertThat(others()).isZero();
        assertThat(claimNext("one")).isPresent();
    }

    @Test
    void a_job_that_had_ended_when_the_vendor_was_asked_leaves_others_as_many_as_they_are() {
        submit("team", "a", "b");
        slots(3);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");
        clock.pass(Duration.ofSeconds(5));
        learn(3, 1, "x");
        assertThat(others()).isOne();

        save(fetching(claimDue("one").getFirst()), "one");

        assertThat(others()).isOne();
    }

    @Test
    void a_job_that_was_given_up_takes_its_slot_as_long_as_the_vendor_names_it() {
        submit("team", "a", "b");
        slots(1);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");
        clock.pass(Duration.ofSeconds(5));
        Job late = claimDue("one").getFirst();
        save(late.over(new Failed("v1", 1, JobProblem.of(JobProblem.Kind.DEADLINE_PASSED, "it was late"))), "one");

        learn(1, 1, "v1");
        Optional<Job> full = claimNext("one");
        learn(1, 0);

        assertThat(full).isEmpty();
        assertThat(claimNext("one")).isPresent();
    }

    @Test
    void a_job_that_the_vendor_does_not_name_any_more_is_due() {
        submit("team", "a", "b");
        slots(3);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");
        save(running(claimNext("one").orElseThrow(), "v2"), "one");

        learn(3, 1, "v2");
        List<Job> due = claimDue("two");
        learn(3, 0);
        List<Job> later = claimDue("three");

        assertThat(due).extracting(job -> job.state().atVendor()).containsExactly("v1");
        assertThat(later).extracting(job -> job.state().atVendor()).containsExactly("v2");
    }

    @Test
    void where_no_job_is_named_none_is_due_for_that() {
        submit("team", "a");
        slots(3);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");

        learn(3, 1);

        assertThat(claimDue("one")).isEmpty();
    }

    @Test
    void where_no_job_is_named_others_are_those_that_are_more_than_ours() {
        submit("team", "a", "b");
        slots(3);
        save(running(claimNext("one").orElseThrow(), "v1"), "one");

        learn(3, 3);

        assertThat(others()).isEqualTo(2);
    }

    @Test
    void jobs_of_others_are_asked_for_in_the_name_of_the_team_that_was_asked_for_last() {
        slotStore.watch(ACCOUNT, 1);
        assertThat(slotStore.of(ACCOUNT).orElseThrow().reported()).isFalse();

        learn(3, 1, "x");
        Instant later = clock.pass(Duration.ofSeconds(60));
        Optional<String> others = slotStore.claimPoll(ACCOUNT, later, later, null);
        learn(3, 0);
        Optional<String> none = slotStore.claimPoll(ACCOUNT, later, later, null);

        assertThat(slotStore.of(ACCOUNT).orElseThrow().reported()).isTrue();
        assertThat(others).contains("payer");
        assertThat(none).isEmpty();
    }

    @Test
    void a_closed_account_submits_nothing_until_it_reopens() {
        submit("team", "a");
        slotStore.close(ACCOUNT, clock.instant().plusSeconds(10));

        Optional<Job> closed = claimNext("one");
        clock.pass(Duration.ofSeconds(10));

        assertThat(closed).isEmpty();
        assertThat(claimNext("one")).isPresent();
    }

    @Test
    void one_account_does_not_hold_another_back() {
        submit("team", "a");
        requests.create(request("team", 1, ELSEWHERE, List.of("a"), null), null, export -> "");

        Optional<Job> here = claimNext("one");
        Optional<Job> there =
                store.claimNext(ELSEWHERE, clock.instant(), clock.instant().plusSeconds(10), lease("one"));

        assertThat(here).isPresent();
        assertThat(there).isPresent();
    }

    @Test
    void a_claimed_order_is_looked_for_when_nothing_more_is_heard_of_it() {
        submit("team", "a");
        Job claimed = claimNext("one").orElseThrow();

        clock.pass(Duration.ofSeconds(30));
        Job found = claimDue("two").getFirst();

        assertThat(claimed.attempts()).isOne();
        assertThat(found.id()).isEqualTo(claimed.id());
        assertThat(found.state()).isEqualTo(new Submitting(HandClock.START, List.of()));
    }

    @Test
    void one_process_asks_for_slots_when_it_is_time_to() {
        submit("team", "a");
        Instant now = clock.instant();

        Optional<String> first = slotStore.claimPoll(ACCOUNT, now.minusSeconds(60), now, null);
        Optional<String> second = slotStore.claimPoll(ACCOUNT, now.minusSeconds(60), now, null);
        Instant later = clock.pass(Duration.ofSeconds(60));
        Optional<String> third = slotStore.claimPoll(ACCOUNT, later.minusSeconds(60), later, null);

        assertThat(first).contains("team");
        assertThat(second).isEmpty();
        assertThat(third).contains("team");
    }

    @Test
    void nobody_asks_for_the_slots_of_an_idle_account_unless_it_is_watched() {
        slotStore.watch(ACCOUNT, 1);
        Instant now = clock.instant();

        Optional<String> idle = slotStore.claimPoll(ACCOUNT, now, now, null);
        Optional<String> teamToCharge = slotStore.claimPoll(ACCOUNT, now, now, "other");

        assertThat(idle).isEmpty();
        assertThat(teamToCharge).contains("other");
    }

    // Order of the queue.

    @Test
    void teams_that_wait_are_served_by_their_weights() {
        submit("light", 1, parts("l", 8));
        submit("heavy", 3, parts("h", 8));
        slots(100);

        List<String> served = served(8);

        assertThat(served.stream().filter("heavy"::equals)).hasSize(6);
        assertThat(served.stream().filter("light"::equals)).hasSize(2);
    }

    @Test
    void the_parts_of_one_order_keep_their_order() {
        submit("team", "c", "a", "b");
        slots(100);

        List<String> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Job next = claimNext("one").orElseThrow();
            parts.add(next.spec().parameters().path("part").asText());
            save(running(next, "v" + i), "one");
        }

        assertThat(parts).containsExactly("c", "a", "b");
    }

    @Test
    void a_team_that_rested_saves_nothing_up() {
        submit("busy", parts("b", 10));
        slots(100);
        served(6);
        submit("late", parts("l", 10));

        List<String> served = served(8);

        assertThat(served.stream().filter("late"::equals).count()).isBetween(4L, 5L);
    }

    @Test
    void a_job_that_goes_back_to_the_queue_keeps_its_place() {
        submit("team", "a", "b");
        Job first = claimNext("one").orElseThrow();
        save(queued(first), "one");

        assertThat(claimNext("one").orElseThrow().id()).isEqualTo(first.id());
    }

    // Twins.

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

    // Cancelling.

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

    // Idempotency.

    @Test
    void a_key_has_the_first_answer_repeated_and_places_nothing() {
        CreateResult first = keyed("team", "key", "hash", "first answer", "a");
        CreateResult second = keyed("team", "key", "hash", "second answer", "a");

        assertThat(first).isInstanceOf(CreateResult.Created.class);
        assertThat(second).isEqualTo(new CreateResult.Replayed("first answer"));
        assertThat(list(null, null, null, null)).hasSize(1);
    }

    @Test
    void a_key_of_another_order_is_refused() {
        keyed("team", "key", "hash", "answer", "a");

        assertThat(keyed("team", "key", "other hash", "answer", "b")).isEqualTo(new CreateResult.KeyReused());
    }

    @Test
    void teams_share_no_keys_and_keys_hold_for_a_time() {
        keyed("team", "key", "hash", "answer", "a");

        CreateResult others = keyed("other", "key", "other hash", "answer", "a");
        clock.pass(DAY.plusMillis(1));
        CreateResult again = keyed("team", "key", "other hash", "answer", "a");

        assertThat(others).isInstanceOf(CreateResult.Created.class);
        assertThat(again).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_that_an_earlier_version_kept_with_the_export_is_replayed_for_its_day() {
        Export first = submit("team", "a");
        database.inTransaction(connection -> new Sql("UPDATE export SET idempotency_key = 'key', request_hash = 'hash',"
                        + " first_answer = 'first answer' WHERE id = ?")
                .with(first.id())
                .update(connection));
        clock.pass(DAY);

        CreateResult repeated = keyed("team", "key", "hash", "answer", "a");
        CreateResult different = keyed("team", "key", "other hash", "answer", "a");
        CreateResult others = keyed("other", "key", "hash", "answer", "a");
        clock.pass(Duration.ofMillis(1));
        CreateResult later = keyed("team", "key", "hash", "answer", "a");

        assertThat(repeated).isEqualTo(new CreateResult.Replayed("first answer"));
        assertThat(different).isEqualTo(new CreateResult.KeyReused());
        assertThat(others).isInstanceOf(CreateResult.Created.class);
        assertThat(later).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_that_a_call_on_a_mount_used_is_another_one() {
        long now = clock.instant().toEpochMilli();
        new IdempotencyStore(database).begin("team", "key", "hash", "call", now, now + DAY.toMillis());

        assertThat(keyed("team", "key", "hash", "answer", "a")).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_whose_request_was_refused_is_as_if_it_had_not_been_used() {
        ExportRequests.Key key = new ExportRequests.Key("key", "hash", DAY);
        ExportRequests.ResolvedRequest usual = request("team", 1, ACCOUNT, List.of("a"), null);
        ExportRequests.ResolvedRequest tooMany = new ExportRequests.ResolvedRequest(
                ACCOUNT,
                "team",
                1,
                1,
                List.of(part("a")),
                clock.instant(),
                null,
                clock.instant().plus(DAY),
                0);

        CreateResult refused = requests.create(tooMany, key, export -> "answer");
        CreateResult accepted = requests.create(usual, key, export -> "answer");

        assertThat(refused).isEqualTo(new CreateResult.TooManyOpen(0));
        assertThat(accepted).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_that_is_used_by_many_at_once_places_one_order() throws Exception {
        List<Class<?>> created = together(
                6, thread -> List.of(keyed("team", "key", "hash", "answer", "a").getClass()));

        assertThat(created.stream().filter(CreateResult.Created.class::equals)).hasSize(1);
        assertThat(created.stream().filter(CreateResult.Replayed.class::equals)).hasSize(5);
    }

    @Test
    void a_key_that_is_used_on_several_accounts_at_once_places_one_order() throws Exception {
        List<Class<?>> created = together(
                6,
                thread -> List.of(requests.create(
                                request("team", 1, new AccountId(VENDOR, "account-" + thread), List.of("a"), null),
                                new ExportRequests.Key("key", "hash", DAY),
                                export -> "answer")
                        .getClass()));

        assertThat(created.stream().filter(CreateResult.Created.class::equals)).hasSize(1);
        assertThat(created.stream().filter(CreateResult.Replayed.class::equals)).hasSize(5);
    }

    @Test
    void a_team_with_too_much_under_way_places_nothing() {
        submit("team", parts(8));

        CreateResult created = requests.create(
                new ExportRequests.ResolvedRequest(
                        ACCOUNT,
                        "team",
                        1,
                        1,
                        List.of(part("x"), part("y"), part("z")),
                        clock.instant(),
                        null,
                        clock.instant().plus(DAY),
                        10),
                null,
                export -> "");

        assertThat(created).isEqualTo(new CreateResult.TooManyOpen(8));
        assertThat(list(null, null, null, null)).hasSize(1);
    }

    // States, and what is shown.

    @Test
    void an_export_follows_its_parts() {
        Export export = submit("team", "a", "b");
        slots(2);
        List<Export.State> states = new ArrayList<>(List.of(export.state()));
        Job a = claimNext("one").orElseThrow();
        states.add(state(export));
        save(running(a, "v1"), "one");
        Job b = claimNext("one").orElseThrow();
        save(failed(b), "one");
        states.add(state(export));
        clock.pass(Duration.ofSeconds(5));
        Job claimed = claimDue("one").getFirst();
        store.save(
                finished(claimed),
                lease("one"),
                clock.instant(),
                clock.instant().plus(DAY));
        states.add(state(export));

        assertThat(states)
                .containsExactly(
                        Export.State.QUEUED, Export.State.RUNNING, Export.State.RUNNING, Export.State.PARTLY_FAILED);
    }

    @Test
    void exports_are_failed_or_done_when_all_their_parts_are() {
        Export failing = submit("team", "a");
        save(failed(claimNext("one").orElseThrow()), "one");
        Export going = submit("team", "b");
        done("b");

        assertThat(state(failing)).isEqualTo(Export.State.FAILED);
        assertThat(state(going)).isEqualTo(Export.State.DONE);
    }

    /** Both steps saw the other's part as it was before, and both left the export running, for good. */
    @Test
    void an_export_is_done_when_its_last_parts_end_together() throws Exception {
        int parts = 4;
        slots(100);
        for (int round = 0; round < 20; round++) {
            Export export = submit("team", parts("r" + round + "-", parts));
            List<Job> jobs = new ArrayList<>();
            for (int i = 0; i < parts; i++) {
                Job job = claimNext("one").orElseThrow();
                save(running(job, "v" + round + "-" + i), "one");
            }
            clock.pass(Duration.ofSeconds(5));
            jobs.addAll(claimDue("one"));

            together(parts, thread -> {
                store.save(
                        finished(jobs.get(thread)),
                        lease("one"),
                        clock.instant(),
                        clock.instant().plus(DAY));
                return List.of();
            });

            assertThat(state(export)).as("round %d", round).isEqualTo(Export.State.DONE);
        }
    }

    /** Whoever ended the job did not see the part, and whoever ordered it did not see the end. */
    @Test
    void an_export_is_done_when_its_job_ends_while_it_is_ordered() throws Exception {
        slots(100);
        for (int round = 0; round < 20; round++) {
            String part = "r" + round;
            submit("team", part);
            save(running(claimNext("one").orElseThrow(), "v" + round), "one");
            clock.pass(Duration.ofSeconds(5));
            Job job = claimDue("one").getFirst();

            List<Export> ordered = together(4, thread -> {
                if (thread == 0) {
                    store.save(
                            finished(job),
                            lease("one"),
                            clock.instant(),
                            clock.instant().plus(DAY));
                    return List.of();
                }
                return List.of(submit("other", part));
            });

            assertThat(ordered).hasSize(3);
            for (Export export : ordered) {
                assertThat(state(export)).as("round %d", round).isEqualTo(Export.State.DONE);
            }
        }
    }

    @Test
    void a_part_shows_what_is_known_of_its_job() {
        Export export = submit("team", "a");
        Job job = claimNext("one").orElseThrow();
        JobProblem problem = new JobProblem(JobProblem.Kind.STORAGE_FAILED, "disk full", clock.instant());
        save(
                new Job(
                        job.id(),
                        job.spec(),
                        new Fetching(new Running("v1", clock.instant(), 3, null, List.of()), ENDED, 1),
                        job.attempts(),
                        clock.instant().plusSeconds(7),
                        clock.instant().plus(DAY),
                        false,
                        problem),
                "one");
        Export.Part fetching = find(export).parts().getFirst();
        clock.pass(Duration.ofSeconds(7));
        claimDue("one");
        store.renew(Map.of(job.id(), 4711L), lease("one"), clock.instant());
        Export.Part further = find(export).parts().getFirst();

        assertThat(fetching.state()).isEqualTo(JobState.Name.FETCHING);
        assertThat(fetching.vendorJobId()).isEqualTo("v1");
        assertThat(fetching.polls()).isEqualTo(3);
        assertThat(fetching.attempts()).isOne();
        assertThat(fetching.fileName()).isEqualTo("file.json");
        assertThat(fetching.flags()).containsEntry("rows_truncated", true);
        assertThat(fetching.dueAt()).isEqualTo(HandClock.START.plusSeconds(7));
        assertThat(fetching.problem()).isEqualTo(problem);
        assertThat(fetching.file()).isNull();
        assertThat(further.bytes()).isEqualTo(4711);
    }

    @Test
    void exports_are_listed_youngest_first_page_by_page() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.addFirst(submit("team", "p" + i).id());
            clock.pass(Duration.ofMillis(1));
        }

        List<String> first = list(null, null, null, null).subList(0, 2);
        List<String> next = list(null, null, null, first.getLast());

        assertThat(first).isEqualTo(ids.subList(0, 2));
        assertThat(next).isEqualTo(ids.subList(2, 5));
    }

    @Test
    void a_list_holds_what_it_is_asked_for() {
        Export mine = submit("team", "a");
        done("a");
        Export theirs = submit("other", "b");
        done("b");
        Export done = submit("team", "c");
        done("c");
        Export queued = submit("team", "d");

        assertThat(list("team", null, null, null)).containsExactlyInAnyOrder(mine.id(), done.id(), queued.id());
        assertThat(list(null, Export.State.QUEUED, null, null)).containsExactly(queued.id());
        assertThat(list("other", Export.State.DONE, VENDOR, null)).containsExactly(theirs.id());
        assertThat(list(null, null, "nobody", null)).isEmpty();
    }

    @Test
    void exports_under_way_are_found_the_youngest_first_with_their_parts_in_order() {
        Export done = submit("team", "a");
        slots(1);
        done("a");
        clock.pass(Duration.ofMillis(1));
        Export older = submit("team", "c", "b");
        clock.pass(Duration.ofMillis(1));
        Export theirs = submit("other", "d");
        clock.pass(Duration.ofMillis(1));
        Export younger = submit("team", "e");

        List<Export> mine = requests.underWay("team", 10);

        assertThat(mine).extracting(Export::id).containsExactly(younger.id(), older.id());
        assertThat(mine.getLast().parts()).extracting(Export.Part::part).containsExactly("c", "b");
        assertThat(mine.getLast().parameters().path("part").asText()).isEqualTo("c");
        assertThat(requests.underWay(null, 2)).extracting(Export::id).containsExactly(younger.id(), theirs.id());
        assertThat(requests.find(List.of(done.id(), "exp_unknown", younger.id())))
                .extracting(Export::id, Export::state)
                .containsExactly(tuple(younger.id(), Export.State.QUEUED), tuple(done.id(), Export.State.DONE));
        assertThat(requests.find(List.of())).isEmpty();
    }

    @Test
    void jobs_that_are_known_are_told_from_those_that_are_not() {
        running("a", "v1");

        assertThat(store.assignedJobs(ACCOUNT, List.of("v1", "v2"))).containsExactly("v1");
        assertThat(store.assignedJobs(ELSEWHERE, List.of("v1"))).isEmpty();
    }

    @Test
    void the_usual_duration_follows_the_latest_for_three_tenths() {
        JobSpec spec = running("a", "v1").spec();
        Optional<DurationEstimate> unknown = durations.estimate(spec);
        durations.learn(spec, Duration.ofSeconds(8));
        Optional<DurationEstimate> first = durations.estimate(spec);
        durations.learn(spec, Duration.ofSeconds(18));

        assertThat(unknown).isEmpty();
        assertThat(first).contains(new DurationEstimate(Duration.ofSeconds(8), Duration.ofSeconds(2)));
        assertThat(durations.estimate(spec))
                .contains(new DurationEstimate(Duration.ofSeconds(11), Duration.ofMillis(4_400)));
    }

    // What ends.

    @Test
    void files_are_named_when_their_time_has_come_until_they_are_forgotten() {
        Export export = submit("team", "a");
        done("a");

        List<FileRegistry.ExpiredFile> early = files.expired(clock.instant(), 10);
        clock.pass(DAY);
        List<FileRegistry.ExpiredFile> expired = files.expired(clock.instant(), 10);
        List<FileRegistry.ExpiredFile> again = files.expired(clock.instant(), 10);
        files.clearFile(expired.getFirst().job(), clock.instant().minus(DAY));
        List<FileRegistry.ExpiredFile> another = files.expired(clock.instant(), 10);
        files.clearFile(expired.getFirst().job(), clock.instant());

        assertThat(early).isEmpty();
        assertThat(expired).extracting(FileRegistry.ExpiredFile::key).containsExactly("key-a");
        assertThat(again).isEqualTo(expired);
        assertThat(another).as("one that expires later is not forgotten").isEqualTo(expired);
        assertThat(files.expired(clock.instant(), 10)).isEmpty();
        assertThat(find(export).parts().getFirst().file()).isNotNull();
        assertThat(find(export).parts().getFirst().fileUntil()).isNull();
    }

    @Test
    void old_exports_that_have_ended_are_forgotten_with_their_jobs() {
        Export old = submit("team", "a", "b");
        done("a");
        done("b");
        Export open = submit("team", "c");
        clock.pass(DAY);
        Export shares = submit("team", "c", "d");
        files.expired(clock.instant(), 10).forEach(file -> files.clearFile(file.job(), clock.instant()));

        store.purgeExports(clock.instant(), 10);

        assertThat(requests.find(old.id(), null)).isEmpty();
        assertThat(store.assignedJobs(ACCOUNT, List.of("v-a", "v-b"))).isEmpty();
        assertThat(requests.find(open.id(), null)).isPresent();
        assertThat(requests.find(shares.id(), null)).isPresent();
    }

    @Test
    void a_job_whose_file_is_kept_outlives_its_export() {
        submit("team", "a");
        done("a");
        clock.pass(Duration.ofMinutes(1));

        store.purgeExports(clock.instant(), 10);
        Export again = submit("other", "a");

        assertThat(again.state()).isEqualTo(Export.State.DONE);
    }

    @Test
    void a_file_that_was_lost_is_fetched_again() {
        Export export = submit("team", "a");
        done("a");

        JobProblem gone = JobProblem.of(JobProblem.Kind.STORAGE_FAILED, "the file is gone");
        store.fetchAgain(jobOf(export, "a"), "key-before", clock.instant(), gone);
        Export untouched = find(export);
        store.fetchAgain(jobOf(export, "a"), "key-a", clock.instant(), gone);
        Export running = find(export);
        List<String> left = files.abandoned(clock.instant(), 10);
        Job due = claimDue("one").getFirst();
        store.fetchAgain(jobOf(export, "a"), "key-a", clock.instant(), gone);

        assertThat(untouched.state()).as("it is another file that is gone").isEqualTo(Export.State.DONE);
        assertThat(running.state()).isEqualTo(Export.State.RUNNING);
        assertThat(left).containsExactly("key-a");
        assertThat(due.state()).isInstanceOf(Fetching.class);
        assertThat(due.state().atVendor()).isEqualTo("v-a");
        assertThat(due.giveUpAt()).isEqualTo(HandClock.START.plus(DAY));
    }

    // How it is told.

    private JobStore.Lease lease(String owner) {
        return new JobStore.Lease(owner, 1, clock.instant().plusSeconds(30));
    }

    private List<Job> claimDue(String owner) {
        return store.claimDue(clock.instant(), clock.instant(), lease(owner), 100);
    }

    private Optional<Job> claimNext(String owner) {
        Instant now = clock.instant();
        return store.claimNext(ACCOUNT, now, now.plusSeconds(10), lease(owner));
    }

    private void claimAll(int jobs) {
        slots(100);
        for (int i = 0; i < jobs; i++) {
            save(running(claimNext("one").orElseThrow(), "v" + i), "one");
        }
    }

    private List<String> served(int jobs) {
        List<String> teams = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            Job next = claimNext("one").orElseThrow();
            teams.add(next.spec().team());
            save(running(next, next.id()), "one");
        }
        return teams;
    }

    private boolean save(Job job, String owner) {
        return store.save(job, lease(owner), clock.instant(), null);
    }

    private int others() {
        return slotStore.of(ACCOUNT).orElseThrow().others();
    }

    private void learn(int slots, int taken, String... jobs) {
        slotStore.learn(ACCOUNT, "payer", new SlotAware.Capacity(slots, taken, Set.of(jobs)), clock.instant());
    }

    private void slots(int slots) {
        slotStore.watch(ACCOUNT, slots);
        learn(slots, 0);
    }

    /** Orders a part, and has it run at the vendor; due in 5 s. */
    private Job running(String part, String vendorJob) {
        submit("team", part);
        slots(100);
        Job running = running(claimNext("setup").orElseThrow(), vendorJob);
        save(running, "setup");
        return running;
    }

    /** Has the next part in the queue done. */
    private void done(String part) {
        Job job = claimNext("setup").orElseThrow();
        assertThat(job.spec().parameters().path("part").asText()).isEqualTo(part);
        store.save(
                finished(job), lease("setup"), clock.instant(), clock.instant().plus(DAY));
    }

    private Job running(Job job, String vendorJob) {
        Instant now = clock.instant();
        return job.next(new Running(vendorJob, now, 0, null, List.of()), now.plusSeconds(5), now.plus(DAY));
    }

    private Job fetching(Job job) {
        Instant now = clock.instant();
        return job.next(new Fetching((Running) job.state(), ENDED, 0), now, now.plus(DAY));
    }

    private Job finished(Job job) {
        String part = job.spec().parameters().path("part").asText();
        files.begin("key-" + part, job.id());
        return job.over(new Done("v-" + part, 1, ENDED, new StoredFile("key-" + part, "text/plain", 9, "ab")));
    }

    private static Job failed(Job job) {
        return job.over(new Failed(null, 0, JobProblem.of(JobProblem.Kind.EXPORT_FAILED, "it failed")));
    }

    private Job queued(Job job) {
        return new Job(
                job.id(),
                job.spec(),
                new Queued(),
                job.attempts(),
                clock.instant().plus(DAY),
                clock.instant().plus(DAY),
                false,
                null);
    }

    /** A job that was claimed, known by its id only. */
    private static Job job(String id) {
        return new Job(
                id,
                new JobSpec(ACCOUNT, "team", "kind", JsonNodeFactory.instance.objectNode(), Duration.ZERO),
                new Queued(),
                1,
                null,
                null,
                false,
                null);
    }

    private Export submit(String team, String... parts) {
        return submit(team, 1, parts);
    }

    private Export submit(String team, int weight, String... parts) {
        return create(request(team, weight, ACCOUNT, List.of(parts), null), null);
    }

    private CreateResult keyed(String team, String key, String hash, String answer, String... parts) {
        return requests.create(
                request(team, 1, ACCOUNT, List.of(parts), null),
                new ExportRequests.Key(key, hash, DAY),
                export -> answer);
    }

    /** @param anew given if no file that is there will do */
    private ExportRequests.ResolvedRequest request(
            String team, int weight, AccountId account, List<String> parts, @Nullable Duration anew) {
        Instant now = clock.instant();
        return new ExportRequests.ResolvedRequest(
                account,
                team,
                weight,
                1,
                parts.stream().map(ExportStoreContract::part).toList(),
                now,
                anew != null ? null : now.minus(Duration.ofMinutes(15)),
                now.plus(DAY),
                10_000);
    }

    private Export create(ExportRequests.ResolvedRequest request, ExportRequests.@Nullable Key key) {
        return ((CreateResult.Created) requests.create(request, key, export -> "")).export();
    }

    private static Exporter.PartRequest part(String name) {
        return new Exporter.PartRequest(
                name, "kind", JsonNodeFactory.instance.objectNode().put("part", name), Duration.ZERO);
    }

    private static String[] parts(int count) {
        return parts("p", count);
    }

    private static String[] parts(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toArray(String[]::new);
    }

    private static String jobOf(Export export, String part) {
        return export.parts().stream()
                .filter(candidate -> candidate.part().equals(part))
                .findFirst()
                .orElseThrow()
                .job();
    }

    private Export find(Export export) {
        return requests.find(export.id(), null).orElseThrow();
    }

    private Export.State state(Export export) {
        return find(export).state();
    }

    private List<String> list(
            @Nullable String team, Export.@Nullable State state, @Nullable String vendor, @Nullable String cursor) {
        return requests.list(new ExportRequests.Filter(team, state, vendor), cursor, 10).stream()
                .map(Export::id)
                .toList();
    }

    /** What threads do, that begin together. */
    @FunctionalInterface
    private interface Doing<T> {
        List<T> by(int thread) throws Exception;
    }

    private static <T> List<T> together(int threads, Doing<T> doing) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<List<T>>> tasks = IntStream.range(0, threads)
                    .<Callable<List<T>>>mapToObj(thread -> () -> {
                        start.await();
                        return doing.by(thread);
                    })
                    .toList();
            List<T> all = new ArrayList<>();
            for (Future<List<T>> task : pool.invokeAll(tasks)) {
                all.addAll(task.get());
            }
            return all;
        }
    }
}
