package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState.Failed;
import io.sluice.export.job.JobState.Submitting;
import io.sluice.export.slots.SlotStore;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract of slots and of the queue of export jobs, on any database. */
abstract class ExportSlotsContract extends ExportStoreFixture {
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
        assertThat(found.state()).isEqualTo(new Submitting(VirtualTime.START, List.of()));
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
}
