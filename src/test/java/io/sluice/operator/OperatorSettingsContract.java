package io.sluice.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.ShutdownEvent;
import io.sluice.AccountId;
import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Settings of operators over restarts, in several processes and without the database, on either one. */
abstract class OperatorSettingsContract {
    static final Duration POLL = Duration.ofMillis(500);
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
    private static final Limit.Rate CONFIGURED = Limit.Rate.window("api", 100, Duration.ofSeconds(10));
    private static final Limit.Rate CHANGED = new Limit.Rate("api", 7, Duration.ofSeconds(3), Limiter.FIXED, 2);
    private static final Limit.Concurrency JOBS = new Limit.Concurrency("jobs", 4);
    private static final AccountId DEFAULT = new AccountId("vendor", "default");
    private static final AccountId OTHER = new AccountId("vendor", "other");
    private static final OperatorSetting.Key DELIVERIES = new OperatorSetting.Key(DEFAULT, "deliveries");

    private final VirtualTime time = new VirtualTime();
    private boolean away;

    /** The database of the test, for one process more; it cannot be reached while {@code away} is true. */
    abstract Database open(BooleanSupplier away);

    /** A source of connections to that database. */
    abstract DataSource source();

    abstract String[] migrations();

    /** One process. The clock of each may be off. */
    private final class Node {
        final PacedBudget budget = new PacedBudget(time, time);
        final OperatorSettings settings;
        final LimitSettings limits;

        Node(BooleanSupplier isAway, Duration clockError) {
            InstantSource clock = () -> now().plus(clockError);
            budget.define("vendor/default", List.of(CONFIGURED, JOBS));
            budget.define("vendor/other", List.of(CONFIGURED));
            settings = new OperatorSettings(open(isAway), clock, time, Runnable::run, POLL);
            limits = new LimitSettings(settings, budget);
            limits.start();
            settings.start();
            time.pass(Duration.ZERO);
        }

        Node() {
            this(() -> false, Duration.ZERO);
        }

        AccountState state() {
            return budget.state("vendor/default").orElseThrow();
        }

        List<Limit> limits() {
            return state().limits().stream().<Limit>map(each -> each.limit()).toList();
        }

        boolean pause() {
            return limits.pause(DEFAULT, made(null));
        }
    }

    private Instant now() {
        return NOON.plusNanos(time.read());
    }

    private Attribution made(@Nullable Instant until) {
        return new Attribution("ops", now(), "incident 4711", until);
    }

    @Test
    void a_restart_keeps_a_pause_and_changed_limits() {
        Node before = new Node();
        assertThat(before.pause()).isTrue();
        assertThat(before.limits.change(DEFAULT, CHANGED, made(null))).isTrue();
        assertThat(before.limits.change(DEFAULT, new Limit.Concurrency("jobs", 1), made(null)))
                .isTrue();
        before.settings.stop(new ShutdownEvent());
        time.pass(Duration.ofHours(1));

        Node after = new Node();

        assertThat(after.state().paused()).isTrue();
        assertThat(after.limits()).containsExactly(CHANGED, new Limit.Concurrency("jobs", 1));
        assertThat(after.limits.pause(DEFAULT)).hasValue(new Attribution("ops", NOON, "incident 4711", null));
        assertThat(after.limits.change(DEFAULT, "api").orElseThrow().reason()).isEqualTo("incident 4711");
        assertThat(after.budget.state("vendor/other").orElseThrow().paused()).isFalse();
        assertThat(after.limits.change(OTHER, "api")).isEmpty();
    }

    @Test
    void another_process_follows_within_the_poll_interval() {
        Node here = new Node();
        Node there = new Node();

        here.pause();
        here.limits.change(DEFAULT, CHANGED, made(null));
        assertThat(here.state().paused()).isTrue();
        assertThat(there.state().paused()).isFalse();
        time.pass(POLL);
        assertThat(there.state().paused()).isTrue();
        assertThat(there.limits()).containsExactly(CHANGED, JOBS);

        there.limits.resume(DEFAULT);
        there.limits.restore(DEFAULT, "api");
        assertThat(here.state().paused()).isTrue();
        time.pass(POLL);
        assertThat(here.state().paused()).isFalse();
        assertThat(here.limits()).containsExactly(CONFIGURED, JOBS);
        assertThat(rows()).isEmpty();
    }

    @Test
    void a_setting_ends_at_its_time_in_every_process_and_its_row_is_deleted() {
        Node here = new Node();
        Node there = new Node();
        Instant until = NOON.plus(Duration.ofMinutes(10));
        here.limits.pause(DEFAULT, made(until));
        here.limits.change(DEFAULT, CHANGED, made(until));
        time.pass(Duration.ofMinutes(10).minusMillis(1));
        assertThat(here.state().paused()).isTrue();
        assertThat(there.limits()).containsExactly(CHANGED, JOBS);

        time.pass(POLL);

        for (Node node : List.of(here, there)) {
            assertThat(node.state().paused()).isFalse();
            assertThat(node.limits()).containsExactly(CONFIGURED, JOBS);
            assertThat(node.limits.pause(DEFAULT)).isEmpty();
        }
        here.settings.retention().purge().run(now(), 10);
        assertThat(rows()).isEmpty();
    }

    @Test
    void a_setting_ends_at_its_time_without_the_database_too() {
        Node node = new Node(() -> away, Duration.ZERO);
        node.limits.pause(DEFAULT, made(NOON.plus(Duration.ofMinutes(10))));
        away = true;

        time.pass(Duration.ofMinutes(10).plus(POLL));

        assertThat(node.state().paused()).isFalse();
    }

    @Test
    void a_later_setting_takes_the_place_of_an_earlier_one_and_of_its_end() {
        Node here = new Node();
        here.limits.pause(DEFAULT, made(NOON.plus(Duration.ofMinutes(1))));

        here.limits.pause(DEFAULT, made(null));
        time.pass(Duration.ofHours(1));

        assertThat(here.state().paused()).isTrue();
        assertThat(rows()).hasSize(1);
    }

    @Test
    void a_pause_without_the_database_is_in_force_at_once_and_stored_when_it_answers() {
        Node here = new Node(() -> away, Duration.ZERO);
        Node there = new Node();
        away = true;

        assertThat(here.pause()).as("it is not durable").isFalse();
        assertThat(here.state().paused()).isTrue();
        assertThat(here.limits.isDurable(DEFAULT)).isFalse();
        assertThat(here.limits.isDurable(OTHER)).isTrue();
        time.pass(Duration.ofMinutes(5));
        assertThat(here.state().paused()).isTrue();
        assertThat(there.state().paused()).isFalse();
        away = false;
        time.pass(POLL);
        time.pass(POLL);

        assertThat(here.limits.isDurable(DEFAULT)).isTrue();
        assertThat(there.state().paused()).isTrue();
        assertThat(there.limits.pause(DEFAULT).orElseThrow().at()).isEqualTo(NOON);
    }

    @Test
    void a_resumption_without_the_database_is_carried_out_when_it_answers() {
        Node here = new Node(() -> away, Duration.ZERO);
        Node there = new Node();
        there.pause();
        time.pass(POLL);
        away = true;
        time.pass(POLL);

        assertThat(here.limits.resume(DEFAULT)).isFalse();
        assertThat(here.state().paused()).isFalse();
        assertThat(there.state().paused()).isTrue();
        away = false;
        time.pass(POLL);
        time.pass(POLL);

        assertThat(there.state().paused()).isFalse();
        assertThat(rows()).isEmpty();
    }

    @Test
    void a_change_that_could_not_be_stored_gives_way_to_a_later_one() {
        Node here = new Node(() -> away, Duration.ZERO);
        Node there = new Node();
        away = true;
        here.limits.change(DEFAULT, CHANGED, made(null));
        time.pass(Duration.ofMinutes(1));
        Limit.Rate later = new Limit.Rate("api", 9, Duration.ofSeconds(3), Limiter.FIXED, 2);
        there.limits.change(DEFAULT, later, made(null));

        away = false;
        time.pass(POLL);
        time.pass(POLL);

        assertThat(here.limits()).containsExactly(later, JOBS);
        assertThat(there.limits()).containsExactly(later, JOBS);
    }

    /** The order in which the database gets them counts then, and no clock. */
    @Test
    void a_process_whose_clock_is_slow_can_end_the_pause_of_another() {
        Node fast = new Node(() -> false, Duration.ofSeconds(30));
        Node slow = new Node(() -> false, Duration.ofSeconds(-30));
        fast.limits.pause(DEFAULT, new Attribution("ops", now().plusSeconds(30), null, null));
        time.pass(POLL);

        assertThat(slow.limits.resume(DEFAULT)).isTrue();
        time.pass(POLL);

        assertThat(slow.state().paused()).isFalse();
        assertThat(fast.state().paused()).isFalse();
    }

    @Test
    void what_must_be_durable_is_refused_without_the_database_and_changes_nothing() {
        Node node = new Node(() -> away, Duration.ZERO);
        away = true;
        OperatorSetting paused = new OperatorSetting(DELIVERIES, "paused", made(null));

        assertThatThrownBy(() -> node.settings.putDurably(paused)).isInstanceOf(StoreUnavailableException.class);

        assertThat(node.settings.get(DELIVERIES)).isEmpty();
        away = false;
        time.pass(POLL);
        assertThat(node.settings.get(DELIVERIES)).isEmpty();
        assertThat(rows()).isEmpty();
    }

    @Test
    void a_process_that_starts_without_the_database_follows_once_it_answers() {
        new Node().pause();
        away = true;

        Node node = new Node(() -> away, Duration.ZERO);

        assertThat(node.state().paused()).isFalse();
        assertThat(node.settings.isRead()).isFalse();
        away = false;
        time.pass(POLL);
        assertThat(node.settings.isRead()).isTrue();
        assertThat(node.state().paused()).isTrue();
    }

    @Test
    void listeners_are_told_of_changes_only() {
        Node node = new Node();
        List<Integer> sizes = new ArrayList<>();
        node.settings.listen(inForce -> sizes.add(inForce.size()));

        node.pause();
        time.pass(Duration.ofMinutes(1));
        node.limits.resume(DEFAULT);
        time.pass(Duration.ofMinutes(1));

        assertThat(sizes).containsExactly(0, 1, 0);
    }

    @Test
    void the_modes_of_deliveries_of_the_version_before_are_taken_over() throws SQLException {
        Flyway.configure()
                .dataSource(source())
                .locations(migrations())
                .target("22")
                .load()
                .migrate();
        execute("INSERT INTO delivery_mode (vendor, account, mode)"
                + " VALUES ('vendor', 'default', 'paused'), ('vendor', 'other', 'draining')");

        Node node = new Node();

        assertThat(node.settings.get(DELIVERIES))
                .hasValue(new OperatorSetting(DELIVERIES, "paused", new Attribution(null, null, null, null)));
        assertThat(node.settings.get(new OperatorSetting.Key(new AccountId("vendor", "other"), "deliveries")))
                .hasValueSatisfying(setting -> assertThat(setting.value()).isEqualTo("draining"));
        node.settings.removeDurably(DELIVERIES);
        assertThat(rows()).as("the other account's").hasSize(1);
    }

    @Test
    void settings_of_a_newer_version_are_followed_as_far_as_they_are_understood() throws SQLException {
        open(() -> false).migrate();
        insert("default", "calls", "slowed");
        insert("default", "limit:api", "{\"permits\":3,\"window\":\"PT1S\",\"limiter\":\"tide\",\"burst\":3,\"x\":{}}");
        insert("default", "limit:gone", "{\"permits\":3}");
        insert("default", "limit:jobs", "[]");
        insert("default", "colour", "red");
        insert("gone", "calls", "paused");

        Node node = new Node();

        assertThat(node.state().paused()).isTrue();
        assertThat(node.limits()).containsExactly(Limit.Rate.of("api", 3, Duration.ofSeconds(1)), JOBS);
        node.limits.resume(DEFAULT);
        time.pass(Duration.ofMinutes(1));
        assertThat(rows()).hasSize(5);
    }

    private void insert(String account, String setting, String value) throws SQLException {
        execute("INSERT INTO operator_setting (vendor, account, setting, value) VALUES ('vendor', '" + account + "', '"
                + setting + "', '" + value + "')");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows() {
        return open(() -> false)
                .inTransaction(connection -> new Sql("SELECT setting FROM operator_setting")
                        .list(connection, row -> row.getString("setting")));
    }
}
