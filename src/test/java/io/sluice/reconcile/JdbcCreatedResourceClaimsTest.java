package io.sluice.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteDataSource;

/** Which of what is listed belongs to which write. */
@ParameterizedClass
@EnumSource(Database.Kind.class)
class JdbcCreatedResourceClaimsTest {
    private static final Duration KEPT = Duration.ofMinutes(30);
    private static final AtomicInteger LISTS = new AtomicInteger();

    /** Each test has its own on the one server. */
    private final String list = "list " + LISTS.incrementAndGet() + " ";

    private final CreatedResourceClaims claims;
    private final VirtualTime time = new VirtualTime();

    JdbcCreatedResourceClaimsTest(Database.Kind kind, @TempDir Path directory) {
        claims = new JdbcCreatedResourceClaims(
                kind == Database.Kind.SQLITE ? TestDatabase.sqlite(directory.resolve("db")) : TestDatabase.postgresql(),
                time);
    }

    @Test
    void what_is_listed_since_is_the_only_writes_own() {
        begin("a");

        assertThat(claim("a")).isEmpty();
        assertThat(claim("a", "1")).contains("1");
    }

    @Test
    void what_another_was_answered_with_is_not_its_own() {
        begin("a", "b");
        claims.made(list, name("b"), "1", time.instant().plus(KEPT));

        assertThat(claim("a", "1")).isEmpty();
        assertThat(claim("a", "1", "2")).contains("2");
    }

    @Test
    void one_thing_may_be_anothers_whose_outcome_is_open() {
        begin("a", "b");

        assertThat(claim("a", "1")).isEmpty();
        claims.abort(name("b"));

        assertThat(claim("a", "1")).contains("1");
    }

    @Test
    void more_things_than_writes_are_a_strangers_too_and_prove_nothing() {
        begin("a");

        assertThat(claim("a", "1", "2")).isEmpty();
    }

    @Test
    void one_that_was_not_written_down_before_is_written_down_with_what_it_made() {
        begin("a");
        claims.made(list, name("late"), "1", time.instant().plus(KEPT));

        assertThat(claim("a", "1")).isEmpty();
    }

    @Test
    void two_things_are_one_for_each_of_two() {
        begin("a", "b");

        Optional<String> one = claim("a", "1", "2");
        Optional<String> other = claim("b", "1", "2");

        assertThat(Set.of(one.orElseThrow(), other.orElseThrow())).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void a_write_that_was_given_up_counts_against_those_that_had_begun_by_then() {
        begin("a", "b");

        claims.lost(list, name("a"));

        assertThat(claim("b", "1")).isEmpty();
    }

    @Test
    void a_write_that_was_given_up_before_is_in_the_list_from_before() {
        begin("a");
        claims.lost(list, name("a"));
        begin("b");

        assertThat(claim("b", "1")).contains("1");
    }

    @Test
    void beginnings_are_not_counted_anew_when_the_last_one_is_undone() {
        begin("a", "b");
        claims.lost(list, name("a"));
        claims.abort(name("b"));
        begin("c");

        assertThat(claim("c", "1")).contains("1");
    }

    @Test
    void other_lists_are_nobodys_business() {
        claims.begin("another " + list, name("x"), time.instant().plus(KEPT));
        begin("a");

        assertThat(claim("a", "1")).contains("1");
    }

    @Test
    void nothing_is_kept_for_good() {
        begin("a");
        time.pass(KEPT);
        begin("b");

        assertThat(claim("b", "1")).contains("1");
        assertThat(claim("a", "2")).isEmpty();
    }

    @Test
    void an_answer_with_what_was_claimed_already_changes_nothing() {
        begin("a");
        claim("a", "1");
        begin("b");

        claims.made(list, name("b"), "1", time.instant().plus(KEPT));

        begin("c");
        assertThat(claim("c", "1", "2")).contains("2");
    }

    @Test
    void one_thing_is_claimed_once_however_many_ask_at_the_same_time() throws Exception {
        List<Future<Optional<String>>> asked = new ArrayList<>();
        begin("a", "b", "c", "d");
        List<String> listed = List.of("1", "2", "3", "4");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String write : List.of("a", "b", "c", "d")) {
                asked.add(threads.submit(() -> claims.claim(list, name(write), listed)));
            }
        }

        Set<String> claimed = new HashSet<>();
        for (Future<Optional<String>> one : asked) {
            claimed.add(one.get().orElseThrow());
        }
        assertThat(claimed).containsExactlyInAnyOrderElementsOf(listed);
    }

    @Test
    void where_the_database_is_away_nothing_is_written_down_and_nothing_known() {
        Database gone = new Database(Database.Kind.SQLITE, new SQLiteDataSource(), () -> {
            throw TestDatabase.away();
        });
        CreatedResourceClaims away = new JdbcCreatedResourceClaims(gone, time);

        assertThat(away.begin(list, name("a"), time.instant().plus(KEPT))).isFalse();
        away.made(list, name("a"), "1", time.instant().plus(KEPT));
        away.abort(name("a"));
        away.lost(list, name("a"));
        assertThat(away.claim(list, name("a"), Set.of("1"))).isEmpty();
    }

    private void begin(String... writes) {
        for (String write : writes) {
            assertThat(claims.begin(list, name(write), time.instant().plus(KEPT)))
                    .isTrue();
        }
    }

    private Optional<String> claim(String write, String... added) {
        return claims.claim(list, name(write), Set.of(added));
    }

    private String name(String write) {
        return list + write;
    }
}
