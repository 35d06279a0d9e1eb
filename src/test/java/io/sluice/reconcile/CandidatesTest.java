package io.sluice.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    private record Job(String id, long createdAt) {}

    private static Candidates<String> of(String... ids) {
        return Candidates.of(List.of(ids));
    }

    @Test
    void resources_older_than_the_write_are_no_candidates_and_the_rest_is_ordered_by_age() {
        List<Job> listed =
                List.of(new Job("new", 12), new Job("old", 9), new Job("same", 12), new Job("just then", 10));

        Candidates<String> candidates =
                Candidates.createdSince(10, listed, Job::createdAt).map(Job::id);

        assertThat(candidates.all()).containsExactly("just then", "new", "same");
    }

    @Test
    void claimed_resources_are_no_candidates() {
        assertThat(of("a", "b", "c").without(Set.of("b", "x")).all()).containsExactly("a", "c");
    }

    @Test
    void a_unique_key_names_a_resource_only_if_one_is_found() {
        assertThat(of().only()).isEmpty();
        assertThat(of("a").only()).contains("a");
        assertThat(of("a", "b").only()).isEmpty();
    }

    @Test
    void of_writes_sent_one_after_the_other_the_oldest_resource_is_adopted() {
        assertThat(of().oldest()).isEmpty();
        assertThat(of("a", "b").oldest()).contains("a");
    }

    @Test
    void of_writes_that_cannot_be_told_apart_each_was_executed_if_there_are_as_many_resources() {
        assertThat(of("a").madeByAll(2)).as("one was not executed").isEmpty();
        assertThat(of("a", "b").madeByAll(2)).contains("a");
        assertThat(of("a", "b", "c").madeByAll(2)).as("others create them too").isEmpty();
        assertThat(of().madeByAll(0)).isEmpty();
    }
}
