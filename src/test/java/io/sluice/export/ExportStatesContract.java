package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sluice.export.files.FileRegistry;
import io.sluice.export.job.Export;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.export.job.JobState.Fetching;
import io.sluice.export.job.JobState.Running;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract of the states and lists of exports, and of the retention of files and records, on any database. */
abstract class ExportStatesContract extends ExportStoreFixture {
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
        assertThat(fetching.dueAt()).isEqualTo(VirtualTime.START.plusSeconds(7));
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
        assertThat(due.giveUpAt()).isEqualTo(VirtualTime.START.plus(DAY));
    }
}
