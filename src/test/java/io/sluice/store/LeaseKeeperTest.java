package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.InvalidConfigException;
import io.sluice.simulation.VirtualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases of 30 s, on virtual time. */
class LeaseKeeperTest {
    private static final Duration LEASE = Duration.ofSeconds(30);

    private final List<String> renewed = new ArrayList<>();
    private final Set<String> takenOver = new HashSet<>();
    private final VirtualTime time = new VirtualTime();

    @Test
    void a_lease_is_valid_until_its_last_third() {
        LeaseKeeper.Lease lease = hold(keeper(false), "a", "one");

        pass(19_999);
        boolean before = lease.isValid();
        pass(1);
        boolean after = lease.isValid();

        assertThat(before).isTrue();
        assertThat(after).isFalse();
    }

    @Test
    void a_lease_is_renewed_once_a_third_of_it_has_passed() {
        LeaseKeeper leases = keeper(false);
        LeaseKeeper.Lease lease = hold(leases, "a", "one");

        pass(9_999);
        leases.renewAll();
        Instant early = lease.until();
        pass(1);
        leases.renewAll();

        assertThat(early).isEqualTo(VirtualTime.START.plus(LEASE));
        assertThat(lease.until()).isEqualTo(time.instant().plus(LEASE));
        assertThat(renewed).containsExactly("one[a]");
    }

    @Test
    void the_leases_of_one_owner_are_renewed_together() {
        LeaseKeeper leases = keeper(false);
        hold(leases, "a", "one");
        hold(leases, "b", "one");
        hold(leases, "c", "two");

        pass(15_000);
        leases.renewAll();

        assertThat(renewed).containsExactly("one[a, b]", "two[c]");
    }

    @Test
    void a_lease_whose_row_was_taken_over_keeps_its_end() {
        LeaseKeeper leases = keeper(true);
        LeaseKeeper.Lease lost = hold(leases, "a", "one");
        LeaseKeeper.Lease kept = hold(leases, "b", "one");
        takenOver.add("a");

        pass(15_000);
        leases.renewAll();
        pass(10_000);

        assertThat(lost.isValid()).isFalse();
        assertThat(kept.isValid()).isTrue();
    }

    @Test
    void a_lease_that_has_ended_is_renewed_only_if_the_database_can_tell_that_no_other_had_the_row() {
        LeaseKeeper exact = keeper(true);
        LeaseKeeper.Lease recovered = hold(exact, "a", "one");
        LeaseKeeper careful = keeper(false);
        LeaseKeeper.Lease ended = hold(careful, "b", "two");

        pass(60_000);
        exact.renewAll();
        careful.renewAll();

        assertThat(recovered.isValid()).isTrue();
        assertThat(ended.isValid()).isFalse();
        assertThat(renewed).containsExactly("one[a]");
    }

    @Test
    void a_key_is_held_once_until_its_lease_is_closed() {
        LeaseKeeper leases = keeper(false);
        LeaseKeeper.Lease first = hold(leases, "a", "one");

        boolean again = leases.hold("a", "two", leases.end()).isPresent();
        first.close();
        LeaseKeeper.Lease second = hold(leases, "a", "two");
        first.close();

        assertThat(again).isFalse();
        assertThat(first.isValid()).isFalse();
        assertThat(second.isValid()).isTrue();
        assertThat(leases.size()).isOne();
    }

    @Test
    void a_database_that_is_away_leaves_the_leases_as_they_are() {
        LeaseKeeper leases = new LeaseKeeper(
                (owner, keys, until) -> {
                    throw TestDatabase.away();
                },
                time,
                LEASE);
        LeaseKeeper.Lease lease = hold(leases, "a", "one");

        pass(15_000);

        assertThatThrownBy(leases::renewAll).isInstanceOf(StoreUnavailableException.class);
        assertThat(lease.until()).isEqualTo(VirtualTime.START.plus(LEASE));
    }

    @Test
    void a_lease_lasts_four_ticks_at_least() {
        LeaseKeeper.check("sluice.exports", Duration.ofSeconds(4), Duration.ofSeconds(1));

        assertThatThrownBy(() -> LeaseKeeper.check("sluice.exports", Duration.ofMillis(3_999), Duration.ofSeconds(1)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("sluice.exports.lease")
                .hasMessageContaining("four times sluice.exports.poll-interval");
    }

    @Test
    void the_leases_of_an_earlier_process_are_ended_only_where_no_other_process_can_hold_one(@TempDir Path directory) {
        List<String> ended = new ArrayList<>();
        Database shared = new Database(Database.Kind.POSTGRESQL, TestDatabase.none(), () -> {});

        LeaseKeeper.endAllAtStart(TestDatabase.sqlite(directory.resolve("db")), "test", () -> ended.add("file"));
        LeaseKeeper.endAllAtStart(shared, "test", () -> ended.add("server"));

        assertThat(ended).containsExactly("file");
    }

    private LeaseKeeper keeper(boolean renewsEnded) {
        return new LeaseKeeper(
                new LeaseKeeper.Renewer() {
                    @Override
                    public Set<String> renew(String owner, Set<String> keys, Instant until) {
                        renewed.add(owner + keys.stream().sorted().toList());
                        Set<String> ours = new HashSet<>(keys);
                        ours.removeAll(takenOver);
                        return ours;
                    }

                    @Override
                    public boolean renewsEnded() {
                        return renewsEnded;
                    }
                },
                time,
                LEASE);
    }

    private static LeaseKeeper.Lease hold(LeaseKeeper leases, String key, String owner) {
        return leases.hold(key, owner, leases.end()).orElseThrow();
    }

    private void pass(long millis) {
        time.pass(Duration.ofMillis(millis));
    }
}
