package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.ThrottleCause;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What headers and refusals teach the budget. */
class LearningTest {
    private static final String ACCOUNT = PacedBudgets.ACCOUNT;
    private static final long SECOND = 1_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = PacedBudgets.of(time);
    private final List<Permit> permits = new ArrayList<>();

    @Test
    void takes_no_more_than_the_vendor_says_is_left() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 100, Duration.ofSeconds(10), Limiter.BUCKET, 100)));
        ask(1);
        permits.getFirst().complete(reading(OptionalLong.empty(), 3, Duration.ofSeconds(8)));

        ask(50);
        time.pass(Duration.ofMillis(7_900));

        assertThat(permits).hasSize(4);
        assertThat(limit().foreign()).isBetween(95L, 96L);
        time.pass(Duration.ofSeconds(15));
        assertThat(permits.size()).isGreaterThan(10);
    }

    @Test
    void a_header_that_says_more_changes_nothing() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 3, Duration.ofSeconds(10))));
        ask(10);
        permits.getFirst().complete(reading(OptionalLong.of(1_000), 999, Duration.ofSeconds(8)));

        time.pass(Duration.ofSeconds(10));

        assertThat(permits.size()).isLessThanOrEqualTo(3);
        assertThat(limit().permits()).isEqualTo(3);
    }

    @Test
    void follows_a_lowered_limit_and_its_return() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 31, Duration.ofMinutes(1))));
        ask(200);
        permits.getFirst().complete(reading(OptionalLong.of(6), 5, Duration.ofSeconds(50)));
        assertThat(limit().permits()).isEqualTo(6);
        answerAll(Duration.ofMinutes(2));
        int lowered = permits.size();
        assertThat(lowered).isBetween(8, 12);

        ask(1);
        permits.getLast().complete(LimitFeedback.NONE);
        time.pass(Duration.ofSeconds(13));
        permits.getLast().complete(reading(OptionalLong.of(31), 30, Duration.ofMinutes(1)));

        assertThat(limit().permits()).isEqualTo(31);
    }

    @Test
    void an_answer_that_was_overtaken_is_old_news() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 100, Duration.ofSeconds(10), Limiter.BUCKET, 10)));
        ask(1);
        time.pass(Duration.ofMillis(10));
        ask(1);
        permits.get(1).complete(reading(OptionalLong.of(50), 40, Duration.ofSeconds(5)));

        permits.get(0).complete(reading(OptionalLong.of(5), 0, Duration.ofSeconds(5)));

        assertThat(limit().permits()).isEqualTo(50);
    }

    @Test
    void leaves_room_for_others_who_use_the_same_key() {
        for (long seed = 0; seed < 10; seed++) {
            VirtualTime clock = new VirtualTime();
            SplittableRandom random = new SplittableRandom(seed);
            SimulatedVendor vendor = new SimulatedVendor(
                            clock,
                            random,
                            "api",
                            new VendorLimiter.SlidingLog(100, 10 * SECOND),
                            Delays.uniform(0, 20_000_000),
                            Delays.constant(5_000_000))
                    .telling(SimulatedVendor.Headers.ALL);
            Budget shared = PacedBudgets.of(clock, Limit.Rate.of("api", 100, Duration.ofSeconds(10)));
            int[] foreign = new int[2];
            for (int call = 0; call < 1_500; call++) {
                clock.after(call * SECOND / 5, () -> foreign[vendor.foreignCall() ? 0 : 1]++);
            }
            for (int call = 0; call < 3_000; call++) {
                shared.enqueue(
                        Requests.read(ACCOUNT, Duration.ofDays(1)),
                        decision -> vendor.call((Granted) decision, accepted -> {}));
            }

            clock.runUntil(300 * SECOND);

            assertThat(vendor.refused()).as("our refused calls, seed %d", seed).isLessThan(10);
            assertThat(foreign[1]).as("others' refused calls, seed %d", seed).isLessThan(100);
            assertThat(vendor.accepted()).as("our calls, seed %d", seed).isGreaterThan(1_000);
            Budget.AccountState state = shared.state(ACCOUNT).orElseThrow();
            assertThat(state.throttled(ThrottleCause.AVOIDABLE))
                    .as("avoidable, seed %d", seed)
                    .isZero();
            assertThat(state.limits().getFirst().foreign())
                    .as("foreign, seed %d", seed)
                    .isBetween(30L, 60L);
        }
    }

    @Test
    void tells_a_refusal_that_our_own_traffic_explains_from_one_that_nothing_does() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        ask(1);
        permits.getLast().complete(throttled());
        assertThat(causes()).containsExactly(Map.entry(ThrottleCause.UNDOCUMENTED, 1L));
        assertThat(limit().margin()).isZero();

        time.pass(Duration.ofSeconds(10));
        beRefusedWhenNearlyAllIsUsed();

        assertThat(causes())
                .containsOnly(Map.entry(ThrottleCause.UNDOCUMENTED, 1L), Map.entry(ThrottleCause.AVOIDABLE, 1L));
        assertThat(limit().margin()).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void takes_a_refusal_for_foreign_while_headers_show_that_somebody_else_spends_the_key() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        ask(1);

        permits.getLast()
                .complete(new LimitFeedback(
                        List.of(left(OptionalLong.empty(), 0)), throttled().throttle()));

        assertThat(causes()).containsExactly(Map.entry(ThrottleCause.FOREIGN, 1L));
    }

    @Test
    void takes_a_refusal_for_undocumented_whose_headers_tell_of_a_lower_limit() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        ask(1);

        permits.getLast()
                .complete(new LimitFeedback(
                        List.of(left(OptionalLong.of(1), 0)), throttled().throttle()));

        assertThat(causes()).containsExactly(Map.entry(ThrottleCause.UNDOCUMENTED, 1L));
    }

    @Test
    void takes_the_refusal_of_the_call_that_tries_a_closed_scope_again_for_a_probes() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        ask(2);
        permits.getLast().complete(throttled());
        time.pass(Duration.ofSeconds(1));

        permits.getLast().complete(throttled());

        assertThat(causes())
                .containsOnly(Map.entry(ThrottleCause.UNDOCUMENTED, 1L), Map.entry(ThrottleCause.PROBE, 1L));
    }

    @Test
    void a_call_without_a_limit_is_refused_for_one_that_no_sheet_names() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        PermitRequest unlimited = new PermitRequest(
                ACCOUNT,
                "read",
                List.of(),
                new TeamShare("team", 1, 100_000),
                Priority.INTERACTIVE,
                Duration.ZERO,
                Optional.empty());
        budget.enqueue(unlimited, decision -> permits.add(((Granted) decision).permit()));

        permits.getLast().complete(throttled());

        assertThat(causes()).containsExactly(Map.entry(ThrottleCause.UNDOCUMENTED, 1L));
    }

    /** The causes for which calls were refused, and how many. */
    private Map<ThrottleCause, Long> causes() {
        Map<ThrottleCause, Long> seen =
                new EnumMap<>(budget.state(ACCOUNT).orElseThrow().throttled());
        seen.values().removeIf(count -> count == 0);
        return seen;
    }

    @Test
    void takes_the_margin_back_after_a_minute_of_clean_windows_that_were_used_and_not_sooner() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        beRefusedWhenNearlyAllIsUsed();

        time.pass(Duration.ofHours(5));
        assertThat(limit().margin()).as("an idle limit proves nothing").isPositive();
        useHalf(59, Duration.ofSeconds(1));
        assertThat(limit().margin()).isPositive();
        useHalf(2, Duration.ofSeconds(1));

        assertThat(limit().margin()).isZero();
    }

    @Test
    void a_step_of_the_margin_that_was_needed_again_stays_twice_as_long() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 10, Duration.ofSeconds(1))));
        beRefusedWhenNearlyAllIsUsed();
        time.pass(Duration.ofSeconds(5));
        useHalf(61, Duration.ofSeconds(1));
        beRefusedWhenNearlyAllIsUsed();
        time.pass(Duration.ofSeconds(5));

        useHalf(115, Duration.ofSeconds(1));
        assertThat(limit().margin()).isPositive();
        useHalf(10, Duration.ofSeconds(1));

        assertThat(limit().margin()).isZero();
    }

    @Test
    void takes_the_margin_of_a_long_window_back_after_an_hour_of_use() {
        Duration day = Duration.ofDays(1);
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 10, day, Limiter.SLIDING, Limit.Rate.NO_BURST)));
        ask(9);
        permits.getLast().complete(throttled());
        permits.forEach(permit -> permit.complete(LimitFeedback.NONE));
        assertThat(limit().margin()).as("at most a minute a step").isEqualTo(Duration.ofMinutes(1));
        time.pass(day.multipliedBy(3));

        useHalf(1, day);

        assertThat(limit().margin()).isZero();
    }

    @Test
    void a_raise_lifts_what_a_header_lowered_only_when_the_reset_that_was_told_first_is_over() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 30, Duration.ofMinutes(1))));
        answerOne(OptionalLong.of(6), 5, Duration.ofSeconds(40));

        time.pass(Duration.ofSeconds(30));
        answerOne(OptionalLong.of(30), 29, Duration.ofSeconds(60));
        assertThat(limit().permits()).as("the window that was lowered goes on").isEqualTo(6);
        time.pass(Duration.ofSeconds(13));
        answerOne(OptionalLong.of(30), 29, Duration.ofSeconds(60));

        assertThat(limit().permits()).isEqualTo(30);
    }

    @Test
    void without_a_reset_a_raise_waits_for_a_window() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 30, Duration.ofMinutes(1))));
        ask(1);
        permits.getLast().complete(new LimitFeedback(List.of(left(OptionalLong.of(6), 5)), Optional.empty()));

        time.pass(Duration.ofSeconds(59));
        answerOne(OptionalLong.of(30), 29, Duration.ofSeconds(60));
        assertThat(limit().permits()).isEqualTo(6);
        time.pass(Duration.ofSeconds(13));
        answerOne(OptionalLong.of(30), 29, Duration.ofSeconds(60));

        assertThat(limit().permits()).isEqualTo(30);
    }

    @Test
    void a_reset_that_moved_on_lifts_only_where_windows_are_fixed() {
        for (Limiter limiter : List.of(Limiter.FIXED, Limiter.SLIDING)) {
            String account = "vendor/" + limiter;
            budget.define(
                    account, List.of(new Limit.Rate("api", 30, Duration.ofMinutes(1), limiter, Limit.Rate.NO_BURST)));
            answerOne(account, reading(OptionalLong.of(6), 5, Duration.ofSeconds(40)));
            time.pass(Duration.ofSeconds(10));

            answerOne(account, reading(OptionalLong.of(30), 29, Duration.ofSeconds(32)));
            assertThat(limit(account).permits())
                    .as("2 s may be rounding, %s", limiter)
                    .isEqualTo(6);
            time.pass(Duration.ofSeconds(10));
            answerOne(account, reading(OptionalLong.of(30), 29, Duration.ofSeconds(23)));

            assertThat(limit(account).permits()).as("%s", limiter).isEqualTo(limiter == Limiter.FIXED ? 30 : 6);
        }
    }

    @Test
    void a_raise_never_lifts_the_arrivals() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 5, Duration.ofMinutes(1), Limiter.FIXED, 5)));
        ask(10);
        assertThat(permits).hasSize(5);

        permits.getFirst().complete(reading(OptionalLong.of(1_000), 999, Duration.ofSeconds(60)));
        time.pass(Duration.ofSeconds(10));

        assertThat(permits).hasSize(5);
    }

    @Test
    void a_success_with_nothing_left_closes_nothing() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 100, Duration.ofSeconds(10), Limiter.BUCKET, 100)));
        ask(1);

        permits.getLast().complete(reading(OptionalLong.empty(), 0, Duration.ofSeconds(4)));

        assertThat(limit().closedFor()).isZero();
        ask(20);
        time.pass(Duration.ofMillis(3_999));
        assertThat(permits).as("nothing is left").hasSize(1);
        time.pass(Duration.ofMillis(1));
        assertThat(permits.size()).as("no probe goes alone, nor half the rate").isGreaterThan(1);
    }

    @Test
    void an_epoch_says_nothing_of_a_window_of_three_seconds() {
        for (int seconds : List.of(3, 4)) {
            String account = "vendor/" + seconds;
            budget.define(
                    account, List.of(new Limit.Rate("api", 100, Duration.ofSeconds(seconds), Limiter.BUCKET, 100)));
            LimitReading epoch = new LimitReading(
                    "api", OptionalLong.empty(), OptionalLong.of(0), Optional.of(Duration.ofSeconds(1)), true);
            answerOne(account, new LimitFeedback(List.of(epoch), Optional.empty()));
            int before = permits.size();
            budget.enqueue(
                    Requests.read(account, Duration.ofDays(1)), decision -> permits.add(((Granted) decision).permit()));

            time.pass(Duration.ofMillis(1_001));

            assertThat(permits.size() - before)
                    .as("after the epoch, window of %d s", seconds)
                    .isEqualTo(seconds == 3 ? 0 : 1);
            time.pass(Duration.ofSeconds(10));
        }
    }

    @Test
    void a_reset_further_away_than_the_window_is_none() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 100, Duration.ofSeconds(10), Limiter.BUCKET, 100)));
        ask(1);
        permits.getLast().complete(reading(OptionalLong.empty(), 0, Duration.ofSeconds(13)));
        ask(1);

        time.pass(Duration.ofSeconds(10));

        assertThat(permits).as("a window later, as if it had told none").hasSize(2);
    }

    /** Has half of the limit used in each of so many windows. */
    private void useHalf(int windows, Duration window) {
        for (int each = 0; each < windows; each++) {
            time.pass(Duration.ofNanos(window.toNanos() - time.read() % window.toNanos()));
            int[] answered = {0};
            for (int call = 0; call < 5; call++) {
                budget.enqueue(Requests.read(ACCOUNT, Duration.ofDays(1)), decision -> {
                    Permit permit = ((Granted) decision).permit();
                    permit.send();
                    permit.complete(LimitFeedback.NONE);
                    answered[0]++;
                });
            }
            while (answered[0] < 5) {
                time.pass(window.dividedBy(20));
            }
        }
    }

    private void answerOne(OptionalLong limit, long remaining, Duration resetIn) {
        answerOne(ACCOUNT, reading(limit, remaining, resetIn));
    }

    private void answerOne(String account, LimitFeedback answer) {
        budget.enqueue(Requests.read(account, Duration.ofDays(1)), decision -> {
            Permit permit = ((Granted) decision).permit();
            permit.send();
            permit.complete(answer);
        });
    }

    private Budget.LimitState limit(String account) {
        return budget.state(account).orElseThrow().limits().getFirst();
    }

    @Test
    void uses_up_fixed_windows_whose_turn_it_knows() {
        SimulatedVendor vendor = new SimulatedVendor(
                        time,
                        new SplittableRandom(1),
                        "api",
                        new VendorLimiter.FixedWindows(100, 10 * SECOND, 3 * SECOND + 7),
                        Delays.uniform(1_000_000, 20_000_000),
                        Delays.constant(5_000_000))
                .telling(SimulatedVendor.Headers.ALL);
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 100, Duration.ofSeconds(10), Limiter.FIXED, 100)));
        for (int call = 0; call < 1_000; call++) {
            budget.enqueue(
                    Requests.read(ACCOUNT, Duration.ofDays(1)),
                    decision -> vendor.call((Granted) decision, accepted -> {}));
        }

        time.runUntil(53 * SECOND);

        assertThat(vendor.refused()).isZero();
        // All of the window that ends at 3 s at once, and nearly all of those that end at 13, 23, 33, 43 and 53
        // seconds.
        assertThat(vendor.accepted()).isBetween(582L, 600L);
    }

    private void beRefusedWhenNearlyAllIsUsed() {
        ask(1);
        permits.getLast().complete(LimitFeedback.NONE);
        time.pass(Duration.ofSeconds(10));
        ask(9);
        time.pass(Duration.ofMillis(900));
        permits.getLast().complete(throttled());
        permits.forEach(permit -> permit.complete(LimitFeedback.NONE));
    }

    private void ask(int calls) {
        for (int call = 0; call < calls; call++) {
            budget.enqueue(
                    Requests.read(ACCOUNT, Duration.ofDays(1)), decision -> permits.add(((Granted) decision).permit()));
        }
    }

    private void answerAll(Duration duration) {
        int answered = 1;
        long end = time.read() + duration.toNanos();
        while (time.read() < end) {
            time.pass(Duration.ofMillis(10));
            while (answered < permits.size()) {
                permits.get(answered++).complete(LimitFeedback.NONE);
            }
        }
    }

    private Budget.LimitState limit() {
        return budget.state(ACCOUNT).orElseThrow().limits().getFirst();
    }

    private static LimitFeedback reading(OptionalLong permits, long remaining, Duration resetIn) {
        return new LimitFeedback(
                List.of(new LimitReading("api", permits, OptionalLong.of(remaining), Optional.of(resetIn))),
                Optional.empty());
    }

    private static LimitReading left(OptionalLong permits, long remaining) {
        return new LimitReading("api", permits, OptionalLong.of(remaining), Optional.empty());
    }

    private static LimitFeedback throttled() {
        return Requests.throttled(Scope.LIMITS, Optional.of(Duration.ofSeconds(1)));
    }
}
