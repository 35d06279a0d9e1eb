package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a crash costs, what saving costs, and what happens while the store is away. */
class CrashReserveTest {
    private static final String ACCOUNT = "vendor/account";

    private final VirtualTime time = new VirtualTime();
    private final Disk disk = new Disk();
    private final List<Decision> decisions = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private Duration wallError = Duration.ZERO;
    private BootClock boot = BootClock.NONE;
    private boolean[] alive = {true};

    /** A disk that takes its time, and may be away. */
    private final class Disk implements BudgetStore {
        private long nanos = 1_000_000;
        private boolean unavailable;
        private boolean hangs;
        private int writes;
        private @Nullable AccountSnapshot saved;

        @Override
        public LoadResult load(String account) {
            return saved == null ? new LoadResult.Absent() : new LoadResult.Loaded(saved);
        }

        @Override
        public void save(String account, AccountSnapshot written, Completion done) {
            if (hangs) {
                return;
            }
            writes++;
            boolean[] mine = alive;
            time.after(nanos, () -> {
                if (mine[0]) {
                    if (!unavailable) {
                        saved = written;
                    }
                    done.ended(unavailable ? new IOException("No space left on device") : null);
                }
            });
        }
    }

    /** Hears what would be logged. */
    private final class Heard implements CheckpointListener {
        @Override
        public void restored(RestoreReport restored) {
            heard.add(restored.cause() + " by " + restored.clock() + " after " + restored.age() + " "
                    + restored.limits());
        }

        @Override
        public void unavailable(String account, String why) {
            heard.add("away: " + why);
        }

        @Override
        public void recovered(String account) {
            heard.add("back");
        }
    }

    private Budget start(Limit... limits) {
        alive[0] = false;
        boolean[] mine = {true};
        alive = mine;
        Timer timer = (task, delay) -> time.schedule(
                () -> {
                    if (mine[0]) {
                        task.run();
                    }
                },
                delay);
        Budget budget = new PacedBudget(
                time,
                timer,
                () -> Instant.parse("2026-11-26T10:00:00Z").plus(wallError).plusNanos(time.read()),
                boot,
                disk,
                new Heard(),
                CheckpointSettings.DEFAULT);
        budget.define(ACCOUNT, List.of(limits));
        time.pass(Duration.ofMillis(10));
        return budget;
    }

    private void ask(Budget budget, Duration maxWait, LimitCost... costs) {
        boolean[] mine = alive;
        budget.enqueue(
                new PermitRequest(
                        ACCOUNT,
                        "read",
                        List.of(costs),
                        new TeamShare("team", 1, 100_000),
                        Priority.INTERACTIVE,
                        maxWait,
                        Optional.empty()),
                decision -> {
                    if (mine[0]) {
                        decisions.add(decision);
                        if (decision instanceof Granted(Permit permit, Duration waited)) {
                            permit.send();
                            time.after(1_000_000, () -> {
                                if (mine[0]) {
                                    permit.complete(LimitFeedback.NONE);
                                }
                            });
                        }
                    }
                });
    }

    private long granted() {
        return decisions.stream().filter(Granted.class::isInstance).count();
    }

    private static long used(Budget budget) {
        return budget.state(ACCOUNT).orElseThrow().limits().getFirst().used();
    }

    private static Limit.Rate hourly(int permits) {
        return new Limit.Rate("invitations", permits, Duration.ofHours(1), Limiter.FIXED, permits);
    }

    @ParameterizedTest
    @CsvSource({"100,2", "25,1", "250,5", "50,1"})
    void two_calls_and_a_crash_cost_the_reserve_and_no_more(int permits, int reserve) {
        Budget crashed = start(hourly(permits));
        ask(crashed, Duration.ofSeconds(1), LimitCost.on("invitations"));
        ask(crashed, Duration.ofSeconds(1), LimitCost.on("invitations"));
        time.pass(Duration.ofSeconds(5));
        assertThat(granted()).isEqualTo(2);

        Budget after = start(hourly(permits));

        assertThat(used(after)).isBetween(2L, 2L + reserve);
        assertThat(heard.getLast())
                .startsWith("CRASHED by WALL after PT")
                .contains("limit=invitations, permits=" + permits, "ended=2, open=0, reserved=" + reserve);
        ask(after, Duration.ofSeconds(1), LimitCost.on("invitations"));
        time.pass(Duration.ofSeconds(1));
        assertThat(granted()).isEqualTo(3);
    }

    @Test
    void a_crash_right_after_the_calls_costs_no_more_either() {
        Budget crashed = start(hourly(100));
        ask(crashed, Duration.ofSeconds(1), LimitCost.on("invitations"));
        ask(crashed, Duration.ofSeconds(1), LimitCost.on("invitations"));

        assertThat(used(start(hourly(100)))).isEqualTo(2);
    }

    @Test
    void a_second_crash_does_not_count_the_first_one_again() {
        Budget crashed = start(hourly(100));
        ask(crashed, Duration.ofSeconds(1), LimitCost.on("invitations"));
        start(hourly(100));
        time.pass(Duration.ofMinutes(30));

        assertThat(used(start(hourly(100)))).isEqualTo(4);
        time.pass(Duration.ofMinutes(31));
        assertThat(used(start(hourly(100)))).as("the first reserve is over").isEqualTo(4);
    }

    @Test
    void a_burst_waits_for_one_write_and_goes() {
        disk.nanos = 50_000_000;
        Budget budget = start(hourly(100));
        time.pass(Duration.ofMillis(100));
        int before = disk.writes;

        for (int call = 0; call < 60; call++) {
            ask(budget, Duration.ofSeconds(10), LimitCost.on("invitations"));
        }

        assertThat(granted()).as("on the reserve").isEqualTo(2);
        time.pass(Duration.ofMillis(50));
        assertThat(granted()).isEqualTo(60);
        // The burst's, and the next, which begins as half of that is spent.
        assertThat(disk.writes - before).isEqualTo(1 + 1);
    }

    @Test
    void what_another_limit_holds_back_is_no_burst() {
        Limit.Rate paced = Limit.Rate.of("api", 100, Duration.ofSeconds(10));
        Limit.Rate quota = new Limit.Rate("quota", 1_000, Duration.ofDays(30), Limiter.SLIDING, 1);
        Budget crashed = start(quota, paced);
        for (int call = 0; call < 500; call++) {
            ask(crashed, Duration.ofHours(1), LimitCost.on("quota"), LimitCost.on("api"));
        }
        time.pass(Duration.ofSeconds(10));
        assertThat(granted()).isBetween(90L, 105L);

        assertThat(used(start(quota, paced)) - granted()).isBetween(0L, 1_000L / 50 + 2);
    }

    @Test
    void a_burst_whose_saving_a_crash_met_costs_the_burst() {
        Budget crashed = start(hourly(100));
        for (int call = 0; call < 60; call++) {
            ask(crashed, Duration.ofSeconds(10), LimitCost.on("invitations"));
        }
        time.pass(Duration.ofNanos(disk.nanos - 1));
        assertThat(granted()).isEqualTo(2);

        assertThat(used(start(hourly(100)))).as("not written yet").isEqualTo(2);
    }

    @Test
    void a_call_that_costs_more_than_the_reserve_is_saved_before_it_goes() {
        Budget budget = start(hourly(100));

        ask(budget, Duration.ofSeconds(1), new LimitCost("invitations", "", 40));

        assertThat(granted()).isZero();
        time.pass(Duration.ofMillis(2));
        assertThat(granted()).isEqualTo(1);
        assertThat(used(start(hourly(100)))).isGreaterThanOrEqualTo(40);
    }

    @Test
    void at_rest_no_call_waits_for_the_disk_and_few_are_written() {
        Limit.Rate limit = Limit.Rate.of("api", 1_000, Duration.ofSeconds(10));
        Budget budget = start(limit);
        int before = disk.writes;

        for (int call = 0; call < 1_000; call++) {
            ask(budget, Duration.ZERO, LimitCost.on("api"));
            time.pass(Duration.ofMillis(20));
        }

        assertThat(decisions).hasSize(1_000).allMatch(Granted.class::isInstance);
        // 20 are reserved, so every 10th call begins one; and once a second ended calls are saved.
        assertThat(disk.writes - before).isLessThan(1_000 / 10 + 25);
    }

    @ParameterizedTest
    @CsvSource({"1", "30", "300"})
    void a_slow_disk_does_not_slow_a_backlog(long writeMillis) {
        disk.nanos = writeMillis * 1_000_000;
        Budget budget = start(Limit.Rate.of("api", 100, Duration.ofSeconds(10)));
        for (int call = 0; call < 2_000; call++) {
            ask(budget, Duration.ofHours(1), LimitCost.on("api"));
        }
        time.pass(Duration.ofSeconds(10));
        long before = granted();

        time.pass(Duration.ofSeconds(60));

        // Even pacing under both caps: 99 in 10 s and a little; less one write now and then.
        assertThat(granted() - before).isGreaterThanOrEqualTo(580);
    }

    @Test
    void an_account_that_rests_is_not_written() {
        Budget budget = start(hourly(100));
        ask(budget, Duration.ofSeconds(1), LimitCost.on("invitations"));
        time.pass(Duration.ofSeconds(10));
        int before = disk.writes;

        time.pass(Duration.ofHours(5));

        assertThat(disk.writes).isEqualTo(before);
    }

    @Test
    void limits_of_a_user_cost_a_crash_no_more_than_their_reserve() {
        Limit perUser = new Limit.Rate("user-update", 10, Duration.ofSeconds(10), Limiter.SLIDING, 1);
        Budget crashed = start(perUser);
        ask(crashed, Duration.ofSeconds(1), LimitCost.on("user-update", "a"));

        Budget after = start(perUser);
        ask(after, Duration.ofSeconds(1), LimitCost.on("user-update", "a"));
        time.pass(Duration.ofSeconds(2));

        // The one reserved for users of whom nothing was saved, and the new one.
        assertThat(used(after)).isEqualTo(2);
        assertThat(granted()).isEqualTo(2);
    }

    @Test
    void a_limit_of_seconds_is_not_saved_and_counts_as_used_up_from_the_start_for_one_window() {
        Limit.Rate limit = new Limit.Rate("track", 100, Duration.ofSeconds(1), Limiter.SLIDING, 1);
        Budget crashed = start(limit);
        int before = disk.writes;
        for (int call = 0; call < 50; call++) {
            ask(crashed, Duration.ofSeconds(10), LimitCost.on("track"));
        }
        time.pass(Duration.ofMillis(600));
        assertThat(granted()).isGreaterThan(40);
        assertThat(disk.writes - before).isZero();

        Budget after = start(limit);
        assertThat(used(after)).isEqualTo(100);
        long granted = granted();
        ask(after, Duration.ofSeconds(10), LimitCost.on("track"));
        time.pass(Duration.ofMillis(980));
        assertThat(granted()).isEqualTo(granted);
        time.pass(Duration.ofMillis(50));
        assertThat(granted()).isEqualTo(granted + 1);
    }

    @Test
    void a_limit_of_a_minute_goes_on_while_the_store_is_away_which_is_told_once() {
        Budget budget = start(new Limit.Rate("account", 60, Duration.ofSeconds(60), Limiter.FIXED, 60));
        heard.clear();
        disk.unavailable = true;

        for (int call = 0; call < 30; call++) {
            ask(budget, Duration.ofSeconds(10), LimitCost.on("account"));
        }
        time.pass(Duration.ofSeconds(20));

        assertThat(granted()).isEqualTo(30);
        assertThat(heard).singleElement().asString().startsWith("away: ").contains("No space left on device");
        disk.unavailable = false;
        time.pass(Duration.ofSeconds(5));
        assertThat(heard).hasSize(2).endsWith("back");
    }

    @Test
    void a_limit_of_an_hour_stops_when_its_reserve_is_spent_and_says_so_honestly() {
        Budget budget = start(hourly(100));
        heard.clear();
        disk.unavailable = true;
        for (int call = 0; call < 10; call++) {
            ask(budget, Duration.ofSeconds(5), LimitCost.on("invitations"));
        }
        time.pass(Duration.ofSeconds(10));

        assertThat(granted()).as("the reserve").isEqualTo(2);
        assertThat(decisions).hasSize(10).filteredOn(Denied.class::isInstance).allSatisfy(decision -> {
            Denied refused = (Denied) decision;
            assertThat(refused.reason()).isEqualTo(Reason.UNSAVED);
            assertThat(refused.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        });

        time.pass(Duration.ofMinutes(10));
        ask(budget, Duration.ofSeconds(30), LimitCost.on("invitations"));
        assertThat(decisions).as("away for long: told at once").hasSize(11);
        assertThat(heard).hasSize(1);

        disk.unavailable = false;
        time.pass(Duration.ofSeconds(2));
        ask(budget, Duration.ofSeconds(5), LimitCost.on("invitations"));
        time.pass(Duration.ofSeconds(1));
        assertThat(granted()).isEqualTo(3);
        assertThat(heard).hasSize(2).endsWith("back");
        assertThat(used(start(hourly(100)))).isBetween(3L, 5L);
    }

    @Test
    void a_write_that_does_not_end_is_a_store_that_is_away() {
        Limit.Rate minute = new Limit.Rate("account", 60, Duration.ofSeconds(60), Limiter.FIXED, 60);
        Budget budget = start(minute);
        heard.clear();
        disk.hangs = true;
        for (int call = 0; call < 10; call++) {
            ask(budget, Duration.ofSeconds(10), LimitCost.on("account"));
        }

        time.pass(Duration.ofMillis(1_990));
        assertThat(granted()).isEqualTo(2);
        time.pass(Duration.ofMillis(20));
        assertThat(granted()).isEqualTo(10);
        assertThat(heard).containsExactly("away: it takes longer than PT2S");
    }

    @Test
    void nothing_is_granted_before_the_first_saving_is_done() {
        disk.nanos = 500_000_000;
        Budget budget = start(hourly(100));
        ask(budget, Duration.ofSeconds(5), LimitCost.on("invitations"));

        time.pass(Duration.ofMillis(480));
        assertThat(granted()).isZero();
        time.pass(Duration.ofMillis(20));
        assertThat(granted()).isEqualTo(1);
    }

    @Test
    void the_clock_since_boot_tells_the_age_whatever_became_of_the_wall_clock() {
        boot = () -> Optional.of(new BootClock.Reading("boot-1", time.read(), 10_000_000));
        Budget before = start(hourly(100));
        ask(before, Duration.ofSeconds(1), LimitCost.on("invitations"));
        time.pass(Duration.ofSeconds(5));
        wallError = Duration.ofHours(-3);
        time.pass(Duration.ofMinutes(61));

        assertThat(used(start(hourly(100))))
                .as("the reserve alone, the call is over")
                .isEqualTo(2);
        assertThat(heard.getLast()).contains("by BOOT after PT1H");

        wallError = Duration.ofHours(3);
        assertThat(used(start(hourly(100)))).isEqualTo(4);
    }

    @Test
    void after_a_boot_the_wall_clock_tells_the_age() {
        boot = () -> Optional.of(new BootClock.Reading("boot-1", time.read(), 10_000_000));
        start(hourly(100));
        boot = () -> Optional.of(new BootClock.Reading("boot-2", 0, 10_000_000));
        time.pass(Duration.ofMinutes(2));

        start(hourly(100));

        assertThat(heard.getLast()).contains("by WALL after PT2M");
    }

    @Test
    void a_reset_forgets_ended_calls_and_not_those_on_the_wire() {
        Budget budget = start(hourly(100));
        IntStream.range(0, 5).forEach(call -> ask(budget, Duration.ofSeconds(1), LimitCost.on("invitations")));
        time.pass(Duration.ofSeconds(3));
        ask(budget, Duration.ofSeconds(1), LimitCost.on("invitations"));
        assertThat(used(budget)).isEqualTo(6);

        budget.reset(ACCOUNT, "invitations");

        assertThat(used(budget)).isEqualTo(1);
        time.pass(Duration.ofSeconds(3));
        assertThat(used(start(hourly(100)))).as("saved").isEqualTo(1 + 2);
    }

    /** The skew that is added to an answer is a share of the window: minutes, where that is a month. */
    @Test
    void a_quota_of_a_month_goes_on_at_once_after_a_restart_and_a_change() {
        Limit.Rate quota = new Limit.Rate("quota", 1000, Duration.ofDays(30), Limiter.FIXED, 1000);
        ask(start(quota), Duration.ofSeconds(1), LimitCost.on("quota"));
        time.pass(Duration.ofSeconds(5));
        assertThat(granted()).isEqualTo(1);

        Budget after = start(quota);
        ask(after, Duration.ofSeconds(1), LimitCost.on("quota"));
        time.pass(Duration.ofSeconds(1));
        assertThat(granted()).as("after a restart").isEqualTo(2);

        after.change(ACCOUNT, new Limit.Rate("quota", 900, Duration.ofDays(30), Limiter.FIXED, 900));
        ask(after, Duration.ofSeconds(1), LimitCost.on("quota"));
        time.pass(Duration.ofSeconds(1));
        assertThat(granted()).as("after a change").isEqualTo(3);
    }

    @Test
    void a_reset_opens_what_the_vendor_closed() {
        Budget budget = start(hourly(100));
        budget.enqueue(
                new PermitRequest(
                        ACCOUNT,
                        "read",
                        List.of(LimitCost.on("invitations")),
                        new TeamShare("team", 1, 10),
                        Priority.BULK,
                        Duration.ZERO,
                        Optional.empty()),
                decision -> ((Granted) decision)
                        .permit()
                        .complete(new LimitFeedback(
                                List.of(),
                                Optional.of(new LimitFeedback.Throttle(
                                        Scope.LIMITS, Optional.of(Duration.ofHours(1)), Duration.ofSeconds(1))))));
        ask(budget, Duration.ofHours(2), LimitCost.on("invitations"));
        time.pass(Duration.ofSeconds(10));
        assertThat(granted()).isZero();

        budget.reset(ACCOUNT, "invitations");
        time.pass(Duration.ofMillis(10));

        assertThat(granted()).isEqualTo(1);
    }

    @Test
    void a_limit_that_is_changed_to_be_saved_waits_for_that() {
        Budget budget = start(new Limit.Rate("track", 100, Duration.ofSeconds(1), Limiter.FIXED, 100));

        budget.change(ACCOUNT, new Limit.Rate("track", 100, Duration.ofHours(1), Limiter.FIXED, 100));
        ask(budget, Duration.ofSeconds(1), LimitCost.on("track"));

        assertThat(granted()).isZero();
        time.pass(Duration.ofMillis(5));
        assertThat(granted()).isEqualTo(1);
        assertThat(used(start(new Limit.Rate("track", 100, Duration.ofHours(1), Limiter.FIXED, 100))))
                .isBetween(1L, 4L);
    }
}
