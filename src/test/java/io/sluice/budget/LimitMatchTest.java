package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of a call's limits an answer speaks of that names none. */
class LimitMatchTest {
    private static final String ACCOUNT = "vendor/account";

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = new PacedBudget(time, time);

    @ParameterizedTest
    @CsvSource({"60, account", "5, heavy"})
    void the_number_of_one_of_the_calls_limits_means_that_limit(long told, String meant) {
        define(rate("account", 60, 60), rate("heavy", 5, 5));

        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(told), 0));

        assertThat(foreign()).containsExactly(meant);
        assertThat(permits()).containsExactly(60L, 5L);
    }

    @Test
    void the_order_of_the_claims_does_not_matter() {
        define(rate("account", 60, 60), rate("heavy", 5, 5));

        answer(List.of("heavy", "account"), unnamed(OptionalLong.of(60), 0));

        assertThat(foreign()).containsExactly("account");
    }

    @Test
    void a_number_below_the_narrowest_limits_means_that_it_was_lowered() {
        define(rate("account", 60, 60), rate("heavy", 30, 60));

        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(5), 0));

        assertThat(foreign()).containsExactly("heavy");
        assertThat(permits()).containsExactly(60L, 5L);
    }

    @Test
    void a_lowered_limit_returns_when_its_own_number_is_told_again() {
        define(rate("account", 60, 60), rate("heavy", 30, 60));
        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(5), 4));
        time.pass(Duration.ofSeconds(61));

        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(60), 59));
        assertThat(permits()).containsExactly(60L, 5L);
        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(30), 29));

        assertThat(permits()).containsExactly(60L, 30L);
    }

    /** A quota of an hour is narrower than one of a minute, although its number is larger. */
    @Test
    void the_narrowest_limit_is_the_one_of_fewest_calls_in_the_same_time() {
        define(rate("minute", 60, 60), rate("hour", 600, 3_600));

        answer(List.of("hour", "minute"), unnamed(OptionalLong.of(300), 299));

        assertThat(permits()).containsExactly(60L, 300L);
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 45, 1_000, 0})
    @NullSource
    void any_other_number_says_nothing(@Nullable Long told) {
        define(rate("account", 60, 60), rate("heavy", 5, 5));

        answer(List.of("account", "heavy"), unnamed(told == null ? OptionalLong.empty() : OptionalLong.of(told), 0));

        assertThat(foreign()).isEmpty();
        assertThat(permits()).containsExactly(60L, 5L);
    }

    @ParameterizedTest
    @ValueSource(longs = {60, 45, 1_000})
    @NullSource
    void the_only_limit_of_a_call_is_meant_whatever_the_number(@Nullable Long told) {
        define(rate("account", 60, 60), rate("heavy", 5, 5), new Limit.Concurrency("jobs", 3));

        answer(List.of("account", "jobs"), unnamed(told == null ? OptionalLong.empty() : OptionalLong.of(told), 0));

        assertThat(foreign()).containsExactly("account");
    }

    @Test
    void of_two_limits_with_the_same_number_the_one_of_more_calls_is_meant() {
        define(rate("account", 30, 60), rate("heavy", 30, 60));

        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(30), 0));

        assertThat(foreign()).containsExactly("account");
    }

    @Test
    void a_limit_that_was_changed_at_run_time_is_known_by_its_new_number() {
        define(rate("account", 60, 60), rate("heavy", 30, 60));
        budget.change(ACCOUNT, rate("heavy", 20, 60));

        answer(List.of("account", "heavy"), unnamed(OptionalLong.of(20), 0));

        assertThat(foreign()).containsExactly("heavy");
        assertThat(permits()).containsExactly(60L, 20L);
    }

    private void define(Limit... limits) {
        budget.define(ACCOUNT, List.of(limits));
    }

    private static Limit.Rate rate(String name, int permits, int seconds) {
        return Limit.Rate.window(name, permits, Duration.ofSeconds(seconds));
    }

    private static LimitReading unnamed(OptionalLong permits, long remaining) {
        return new LimitReading(
                LimitReading.UNNAMED, permits, OptionalLong.of(remaining), Optional.of(Duration.ofSeconds(3)));
    }

    /** Makes a call that claims these limits, and answers it. */
    private void answer(List<String> costs, LimitReading reading) {
        List<Permit> permits = new ArrayList<>();
        budget.enqueue(
                new PermitRequest(
                        ACCOUNT,
                        "read",
                        costs.stream().map(LimitCost::on).toList(),
                        new TeamShare("team", 1, 10),
                        Priority.INTERACTIVE,
                        Duration.ofMinutes(1),
                        Optional.empty()),
                decision -> permits.add(((Decision.Granted) decision).permit()));
        while (permits.isEmpty()) {
            time.pass(Duration.ofSeconds(1));
        }
        permits.getFirst().complete(new LimitFeedback(List.of(reading), Optional.empty()));
    }

    /** The limits that somebody else seems to use. */
    private List<String> foreign() {
        return states().stream()
                .filter(limit -> limit.foreign() > 0)
                .map(state -> state.limit().name())
                .toList();
    }

    private List<Long> permits() {
        return states().stream().map(Budget.LimitState::permits).toList();
    }

    private List<Budget.LimitState> states() {
        return budget.state(ACCOUNT).orElseThrow().limits();
    }
}
