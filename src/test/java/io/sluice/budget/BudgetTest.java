package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.budget.Decision.Denied;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.Decision.Reason;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BudgetTest {
    private static final String ACCOUNT = "clerk/default";
    private static final TeamShare SALES = new TeamShare("sales", 1, 100);

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = new PacedBudget(time, time);
    private final List<Decision> decisions = new ArrayList<>();

    @Test
    void paces_the_calls_of_a_limit_evenly() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 11, Duration.ofSeconds(1))));

        for (int i = 0; i < 3; i++) {
            ask(Duration.ofSeconds(10), LimitCost.on("api"));
        }

        assertThat(decisions).hasSize(1);
        time.pass(Duration.ofMillis(99));
        assertThat(decisions).hasSize(1);
        time.pass(Duration.ofMillis(21));
        assertThat(decisions).hasSize(2);
        time.pass(Duration.ofMillis(120));
        assertThat(decisions).hasSize(3).allMatch(Granted.class::isInstance);
    }

    @Test
    void holds_a_permit_until_a_window_after_its_answer() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 1, Duration.ofSeconds(1))));
        Permit first = granted(ask(Duration.ZERO, LimitCost.on("api")));
        first.send();

        time.pass(Duration.ofSeconds(5));
        first.complete(LimitFeedback.NONE);

        ask(Duration.ofSeconds(10), LimitCost.on("api"));
        time.pass(Duration.ofMillis(999));
        assertThat(decisions).hasSize(1);
        time.pass(Duration.ofMillis(20));
        assertThat(decisions).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Limiter.class)
    void one_call_a_window_goes_a_window_after_the_last_answer_in_every_kind(Limiter limiter) {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 1, Duration.ofSeconds(10), limiter, Limit.Rate.NO_BURST)));
        granted(ask(Duration.ZERO, LimitCost.on("api"))).complete(LimitFeedback.NONE);
        ask(Duration.ofMinutes(1), LimitCost.on("api"));

        time.pass(Duration.ofSeconds(10));
        assertThat(decisions).hasSize(1);
        time.pass(Duration.ofMillis(3));

        assertThat(decisions).hasSize(2);
    }

    @Test
    void adds_the_vendors_tick_to_each_answer() {
        Limit.Rate everySecond = new Limit.Rate("api", 1, Duration.ofSeconds(10), Limiter.COUNTER, Limit.Rate.NO_BURST)
                .ticking(Duration.ofSeconds(1));
        budget.define(ACCOUNT, List.of(everySecond));
        granted(ask(Duration.ZERO, LimitCost.on("api"))).complete(LimitFeedback.NONE);
        ask(Duration.ofMinutes(1), LimitCost.on("api"));

        time.pass(Duration.ofSeconds(11));
        assertThat(decisions).hasSize(1);
        time.pass(Duration.ofMillis(2));

        assertThat(decisions).hasSize(2);
    }

    @Test
    void a_burst_needs_a_limiter_that_is_known() {
        assertThatThrownBy(() -> new Limit.Rate("api", 10, Duration.ofSeconds(1), Limiter.UNKNOWN, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("say `window`");
        assertThatThrownBy(() -> new Limit.Rate("api", 10, Duration.ofSeconds(1), Limiter.WINDOW, 11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most its 10 permits");
    }

    @Test
    void takes_all_of_a_calls_limits_or_none() {
        budget.define(
                ACCOUNT, List.of(Limit.Rate.of("api", 1000, Duration.ofSeconds(1)), new Limit.Concurrency("jobs", 1)));
        Permit job = granted(ask(Duration.ZERO, LimitCost.on("api"), LimitCost.on("jobs")));
        time.pass(Duration.ofMillis(10));

        Decision second = ask(Duration.ZERO, LimitCost.on("api"), LimitCost.on("jobs"));

        assertThat(second).isInstanceOf(Denied.class);
        assertThat(limit("api").used()).isEqualTo(1);
        job.complete(LimitFeedback.NONE);
        time.pass(Duration.ofMillis(10));
        assertThat(ask(Duration.ZERO, LimitCost.on("api"), LimitCost.on("jobs")))
                .isInstanceOf(Granted.class);
    }

    @Test
    void does_not_hold_back_a_call_whose_limits_are_free() {
        budget.define(
                ACCOUNT, List.of(Limit.Rate.of("api", 1000, Duration.ofSeconds(1)), new Limit.Concurrency("jobs", 1)));
        ask(Duration.ZERO, LimitCost.on("api"), LimitCost.on("jobs"));
        time.pass(Duration.ofMillis(10));
        ask(Duration.ofMinutes(1), LimitCost.on("api"), LimitCost.on("jobs"));

        Decision free = ask(Duration.ZERO, LimitCost.on("api"));

        assertThat(free).isInstanceOf(Granted.class);
    }

    @Test
    void forgets_the_counters_of_variables_that_rest() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("user-update", 10, Duration.ofSeconds(1))));
        for (int user = 0; user < 1000; user++) {
            granted(ask(Duration.ZERO, LimitCost.on("user-update", "user_" + user)))
                    .complete(LimitFeedback.NONE);
        }
        assertThat(limit("user-update").counters()).isEqualTo(1000);

        time.pass(Duration.ofSeconds(3));
        ask(Duration.ZERO, LimitCost.on("user-update", "user_1"));
        time.pass(Duration.ofSeconds(3));

        assertThat(limit("user-update").counters()).isEqualTo(1);
    }

    @Test
    void refuses_at_once_what_cannot_start_within_the_callers_wait() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 2, Duration.ofSeconds(10))));
        ask(Duration.ZERO, LimitCost.on("api"));

        Decision refused = ask(Duration.ofSeconds(3), LimitCost.on("api"));

        assertThat(refused).isInstanceOfSatisfying(Denied.class, answer -> {
            assertThat(answer.reason()).isEqualTo(Reason.DEADLINE);
            assertThat(answer.retryAfter()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
        });
    }

    @Test
    void answers_a_deadline_on_time_and_takes_nothing() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        Permit job = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        ask(Duration.ofSeconds(3), LimitCost.on("jobs"));

        time.pass(Duration.ofSeconds(3));

        assertThat(decisions.getLast()).isInstanceOf(Denied.class);
        job.complete(LimitFeedback.NONE);
        assertThat(limit("jobs").used()).isZero();
    }

    @Test
    void closes_for_everybody_when_the_vendor_refuses() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 1000, Duration.ofSeconds(1))));
        Permit first = granted(ask(Duration.ZERO, LimitCost.on("api")));
        first.send();
        first.complete(throttle(Scope.ACCOUNT, Duration.ofSeconds(5)));

        ask(Duration.ofSeconds(30));
        time.pass(Duration.ofMillis(4999));
        assertThat(decisions).hasSize(1);

        time.pass(Duration.ofMillis(1));
        assertThat(decisions).hasSize(2);
        assertThat(budget.state(ACCOUNT).orElseThrow().throttledInAll()).isEqualTo(1);
    }

    @Test
    void closes_no_more_than_the_scope() {
        budget.define(
                ACCOUNT,
                List.of(
                        Limit.Rate.of("api", 1000, Duration.ofSeconds(1)),
                        Limit.Rate.of("user", 1000, Duration.ofSeconds(1))));
        granted(ask(Duration.ZERO, LimitCost.on("user", "1"))).complete(throttle(Scope.LIMITS, Duration.ofSeconds(5)));
        time.pass(Duration.ofSeconds(1));

        assertThat(ask(Duration.ZERO, LimitCost.on("user", "1"))).isInstanceOf(Denied.class);
        assertThat(ask(Duration.ZERO, LimitCost.on("user", "2"))).isInstanceOf(Granted.class);
        assertThat(ask(Duration.ZERO, LimitCost.on("api"))).isInstanceOf(Granted.class);
    }

    @Test
    void frees_the_place_of_a_call_that_leaves() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        Permit job = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        Ticket leaving = budget.enqueue(request(SALES, Duration.ofMinutes(1), LimitCost.on("jobs")), decisions::add);
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));

        assertThat(leaving.cancel()).isTrue();
        job.complete(LimitFeedback.NONE);

        assertThat(decisions).hasSize(2);
        assertThat(leaving.cancel()).isFalse();
    }

    @Test
    void bounds_how_many_calls_of_a_team_wait() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        ask(Duration.ZERO, LimitCost.on("jobs"));
        TeamShare narrow = new TeamShare("narrow", 1, 2);
        for (int i = 0; i < 3; i++) {
            budget.enqueue(request(narrow, Duration.ofMinutes(1), LimitCost.on("jobs")), decisions::add);
        }

        assertThat(decisions.getLast())
                .isInstanceOfSatisfying(
                        Denied.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL));
    }

    @Test
    void holds_calls_back_while_it_is_paused() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        budget.pause(ACCOUNT);
        ask(Duration.ofSeconds(10), LimitCost.on("jobs"));
        assertThat(decisions).isEmpty();

        budget.resume(ACCOUNT);

        assertThat(decisions).singleElement().isInstanceOf(Granted.class);
    }

    @Test
    void lets_calls_that_cost_nothing_through_a_pause() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        budget.pause(ACCOUNT);

        ask(Duration.ZERO);

        assertThat(decisions).singleElement().isInstanceOf(Granted.class);
    }

    @Test
    void lets_an_hours_permits_go_at_once_where_fixed_windows_are_declared() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("invitations", 5, Duration.ofHours(1), Limiter.FIXED, 5)));

        for (int i = 0; i < 6; i++) {
            ask(Duration.ZERO, LimitCost.on("invitations"));
        }

        assertThat(decisions.subList(0, 5)).allMatch(Granted.class::isInstance);
        assertThat(decisions.getLast()).isInstanceOf(Denied.class);
    }

    @Test
    void follows_a_changed_limit() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        ask(Duration.ZERO, LimitCost.on("jobs"));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));

        budget.change(ACCOUNT, new Limit.Concurrency("jobs", 2));

        assertThat(decisions).hasSize(2);
        assertThatThrownBy(() -> budget.change(ACCOUNT, new Limit.Concurrency("other", 2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refuses_everything_once_it_drains() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        ask(Duration.ZERO, LimitCost.on("jobs"));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));

        budget.drain();

        assertThat(decisions.getLast())
                .isInstanceOfSatisfying(
                        Denied.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.DRAINING));
        assertThat(ask(Duration.ofMinutes(1))).isInstanceOf(Denied.class);
    }

    @Test
    void lets_everything_pass_in_shadow_and_counts_what_it_would_have_held() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        ask(Duration.ZERO, LimitCost.on("jobs"));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));

        budget.shadow(ACCOUNT, true);
        ask(Duration.ZERO, LimitCost.on("jobs"));

        assertThat(decisions).hasSize(3).allMatch(Granted.class::isInstance);
        assertThat(budget.state(ACCOUNT).orElseThrow().wouldHaveWaited()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Limiter.class)
    void owes_nothing_for_what_passed_in_shadow(Limiter limiter) {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 10, Duration.ofSeconds(1), limiter, 1)));
        budget.shadow(ACCOUNT, true);
        for (int call = 0; call < 10_000; call++) {
            granted(ask(Duration.ZERO, LimitCost.on("api"))).complete(LimitFeedback.NONE);
            time.pass(Duration.ofMillis(10));
        }

        budget.shadow(ACCOUNT, false);

        ask(Duration.ofMinutes(1), LimitCost.on("api"));
        time.pass(Duration.ofMillis(2_100));
        assertThat(decisions).hasSize(10_001).allMatch(Granted.class::isInstance);
    }

    @Test
    void lets_an_urgent_call_for_a_user_pass_bulk_for_the_same_user() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("user", 10, Duration.ofSeconds(1))));
        List<Priority> granted = new ArrayList<>();
        for (Priority priority : List.of(Priority.BULK, Priority.BULK, Priority.BULK, Priority.INTERACTIVE)) {
            PermitRequest request = new PermitRequest(
                    ACCOUNT,
                    "read",
                    List.of(LimitCost.on("user", "1")),
                    SALES,
                    priority,
                    Duration.ofMinutes(1),
                    Optional.empty());
            budget.enqueue(request, decision -> granted.add(priority));
        }

        time.pass(Duration.ofSeconds(1));

        assertThat(granted).containsExactly(Priority.BULK, Priority.INTERACTIVE, Priority.BULK, Priority.BULK);
    }

    @Test
    void lets_a_retry_for_a_user_pass_new_calls_for_the_same_user() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1), new Limit.Concurrency("user", 1)));
        Permit first = granted(ask(Duration.ZERO, LimitCost.on("user", "1")));
        Permit job = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        List<String> granted = new ArrayList<>();
        for (String name : List.of("new", "newer", "retry")) {
            if (name.equals("retry")) {
                first.complete(LimitFeedback.NONE);
            }
            PermitRequest request = new PermitRequest(
                    ACCOUNT,
                    "write",
                    List.of(LimitCost.on("user", "1"), LimitCost.on("jobs")),
                    SALES,
                    Priority.INTERACTIVE,
                    Duration.ofMinutes(1),
                    name.equals("retry") ? Optional.of(first.position()) : Optional.empty());
            budget.enqueue(request, decision -> granted.add(name));
        }

        job.complete(LimitFeedback.NONE);

        assertThat(granted).containsExactly("retry");
    }

    @Test
    void lets_what_needs_less_go_when_what_needs_more_gives_up() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 3)));
        ask(Duration.ZERO, LimitCost.on("jobs"));
        ask(Duration.ofSeconds(1), new LimitCost("jobs", "", 3));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));
        assertThat(decisions).hasSize(1);

        time.pass(Duration.ofSeconds(1));

        assertThat(decisions).hasSize(3);
        assertThat(decisions.getLast()).isInstanceOf(Granted.class);
    }

    @Test
    void forgets_counters_that_rest_behind_one_that_is_closed_for_long() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("user", 10, Duration.ofSeconds(1))));
        granted(ask(Duration.ZERO, LimitCost.on("user", "closed")))
                .complete(throttle(Scope.LIMITS, Duration.ofHours(1)));
        for (int user = 0; user < 100; user++) {
            granted(ask(Duration.ZERO, LimitCost.on("user", "user-" + user))).complete(LimitFeedback.NONE);
        }

        time.pass(Duration.ofMinutes(1));

        assertThat(limit("user").counters()).isEqualTo(1);
    }

    @Test
    void shows_the_oldest_wait_even_behind_a_retry() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        Permit first = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));
        time.pass(Duration.ofSeconds(5));
        PermitRequest retry = new PermitRequest(
                ACCOUNT,
                "read",
                List.of(LimitCost.on("jobs")),
                SALES,
                Priority.BULK,
                Duration.ofMinutes(1),
                Optional.of(first.position()));
        budget.enqueue(retry, decisions::add);
        time.pass(Duration.ofSeconds(1));

        Duration oldest =
                budget.state(ACCOUNT).orElseThrow().queues().getFirst().oldestWait();

        assertThat(oldest).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void tells_everybody_even_if_somebody_who_hears_it_fails() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 1)));
        Permit job = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        budget.enqueue(request(SALES, Duration.ofMinutes(1), LimitCost.on("jobs")), decision -> {
            throw new IllegalStateException("fails");
        });
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));

        assertThatThrownBy(budget::drain).isInstanceOf(IllegalStateException.class);

        assertThat(decisions).hasSize(2);
        job.complete(LimitFeedback.NONE);
    }

    @Test
    void a_permit_that_is_used_for_another_operation_closes_that_one_and_not_its_own() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 10)));
        Permit permit = granted(ask(Duration.ZERO, LimitCost.on("jobs")));

        assertThat(permit.reassign("list")).isTrue();
        permit.send();
        assertThat(permit.reassign("read")).isFalse();
        permit.complete(throttle(Scope.OPERATION, Duration.ofSeconds(5)));

        assertThat(budget.state(ACCOUNT).orElseThrow().closed())
                .containsExactly(new Budget.ClosedOperation("list", Duration.ofSeconds(5)));
        Permit other = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        assertThat(other.reassign("list")).isFalse();
        assertThat(limit("jobs").used()).isEqualTo(1);
    }

    @Test
    void a_canary_that_is_used_for_another_operation_lets_the_next_call_be_the_canary() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 10)));
        Permit refused = granted(ask(Duration.ZERO, LimitCost.on("jobs")));
        refused.send();
        refused.complete(throttle(Scope.OPERATION, Duration.ofSeconds(5)));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));
        ask(Duration.ofMinutes(1), LimitCost.on("jobs"));
        time.pass(Duration.ofSeconds(6));
        assertThat(decisions).hasSize(2);

        assertThat(granted(decisions.getLast()).reassign("list")).isTrue();

        assertThat(decisions).hasSize(3);
    }

    @Test
    void counts_only_the_first_end_of_a_permit() {
        budget.define(ACCOUNT, List.of(new Limit.Concurrency("jobs", 2)));
        Permit permit = granted(ask(Duration.ZERO, LimitCost.on("jobs")));

        assertThat(permit.send()).isTrue();
        assertThat(permit.send()).isFalse();
        permit.release();
        assertThat(limit("jobs").used()).isEqualTo(1);
        permit.complete(LimitFeedback.NONE);
        permit.abandon();

        assertThat(limit("jobs").used()).isZero();
    }

    @Test
    void a_refusal_names_the_limit_and_how_much_of_it_goes_first() {
        budget.define(
                ACCOUNT,
                List.of(
                        Limit.Rate.of("api", 1, Duration.ofMinutes(1)),
                        Limit.Rate.of("wide", 1000, Duration.ofSeconds(1))));
        granted(ask(Duration.ZERO, LimitCost.on("wide"), LimitCost.on("api"))).send();
        ask(Duration.ofHours(1), LimitCost.on("wide"), LimitCost.on("api"));
        ask(Duration.ofHours(1), LimitCost.on("wide"), LimitCost.on("api"));

        Decision late = ask(Duration.ZERO, LimitCost.on("wide"), LimitCost.on("api"));

        assertThat(late).isInstanceOfSatisfying(Denied.class, refused -> {
            assertThat(refused.bottleneck()).contains(new Decision.Bottleneck("api", 2));
            assertThat(refused.retryAfter()).isGreaterThan(Duration.ofMinutes(2));
        });
    }

    @Test
    void a_refusal_by_a_pause_names_no_limit() {
        budget.define(ACCOUNT, List.of(Limit.Rate.of("api", 1, Duration.ofMinutes(1))));
        budget.pause(ACCOUNT);

        Decision paused = ask(Duration.ZERO, LimitCost.on("api"));

        assertThat(paused)
                .isInstanceOfSatisfying(
                        Denied.class,
                        refused -> assertThat(refused.bottleneck()).isEmpty());
    }

    private Decision ask(Duration maxWait, LimitCost... costs) {
        int before = decisions.size();
        budget.enqueue(request(SALES, maxWait, costs), decisions::add);
        return decisions.size() > before ? decisions.getLast() : new Denied(Reason.DEADLINE, Duration.ZERO);
    }

    private static PermitRequest request(TeamShare teamShare, Duration maxWait, LimitCost... costs) {
        return new PermitRequest(
                ACCOUNT, "read", List.of(costs), teamShare, Priority.INTERACTIVE, maxWait, Optional.empty());
    }

    private static Permit granted(Decision decision) {
        assertThat(decision).isInstanceOf(Granted.class);
        return ((Granted) decision).permit();
    }

    private Budget.LimitState limit(String name) {
        return budget.state(ACCOUNT).orElseThrow().limits().stream()
                .filter(state -> state.limit().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static LimitFeedback throttle(Scope scope, Duration retryAfter) {
        return new LimitFeedback(
                List.of(),
                Optional.of(new LimitFeedback.Throttle(scope, Optional.of(retryAfter), Duration.ofSeconds(1))));
    }
}
