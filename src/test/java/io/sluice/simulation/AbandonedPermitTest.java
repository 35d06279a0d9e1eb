package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Permit;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Calls that are given up: the vendor may still count them, until it has answered one that was sent later. */
class AbandonedPermitTest {
    private static final String ACCOUNT = PacedBudgets.ACCOUNT;
    private static final long SECOND = 1_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = PacedBudgets.of(time);
    private final List<Permit> permits = new ArrayList<>();

    @Test
    void counts_until_a_window_after_the_first_answer_to_a_call_that_was_sent_later() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 3, Duration.ofSeconds(10), Limiter.SLIDING, 3)));
        ask(1);
        time.pass(Duration.ofSeconds(1));
        permits.get(0).abandon();

        time.pass(Duration.ofSeconds(60));
        assertThat(used()).as("nothing shows that the vendor has counted it").isEqualTo(1);
        ask(1);
        time.pass(Duration.ofSeconds(1));
        permits.get(1).complete(LimitFeedback.NONE);

        time.pass(Duration.ofMillis(9_999));
        assertThat(used()).isEqualTo(2);
        time.pass(Duration.ofMillis(5));
        assertThat(used()).isZero();
    }

    @Test
    void counts_from_giving_up_if_a_later_call_was_answered_before() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 3, Duration.ofSeconds(10), Limiter.SLIDING, 3)));
        ask(1);
        time.pass(Duration.ofSeconds(1));
        ask(1);
        permits.get(1).complete(LimitFeedback.NONE);
        time.pass(Duration.ofSeconds(5));
        permits.get(0).abandon();

        time.pass(Duration.ofMillis(9_999));
        assertThat(used()).isEqualTo(1);
        time.pass(Duration.ofMillis(5));
        assertThat(used()).isZero();
    }

    @Test
    void an_answer_to_a_call_that_was_sent_before_shows_nothing() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 3, Duration.ofSeconds(10), Limiter.SLIDING, 3)));
        ask(1);
        time.pass(Duration.ofSeconds(1));
        ask(1);
        permits.get(1).abandon();

        permits.get(0).complete(LimitFeedback.NONE);
        time.pass(Duration.ofSeconds(60));

        assertThat(used()).isEqualTo(1);
    }

    @Test
    void while_all_are_given_up_one_call_at_a_time_goes_a_window_later() {
        budget.define(ACCOUNT, List.of(new Limit.Rate("api", 3, Duration.ofSeconds(10), Limiter.SLIDING, 3)));
        ask(10);
        assertThat(permits).hasSize(3);
        time.pass(Duration.ofSeconds(1));
        permits.forEach(Permit::abandon);

        time.pass(Duration.ofMillis(9_999));
        assertThat(permits).hasSize(3);
        time.pass(Duration.ofMillis(2));
        assertThat(permits).as("the first tries").hasSize(4);
        time.pass(Duration.ofSeconds(30));
        assertThat(permits).as("alone").hasSize(4);
        permits.get(3).abandon();
        time.pass(Duration.ofMillis(9_999));
        assertThat(permits).hasSize(4);
        time.pass(Duration.ofMillis(2));
        assertThat(permits).hasSize(5);

        permits.get(4).complete(LimitFeedback.NONE);

        time.pass(Duration.ofMillis(9_990));
        assertThat(permits).as("all of them count from then on").hasSize(5);
        time.pass(Duration.ofMillis(20));
        assertThat(permits).hasSizeGreaterThan(5);
    }

    @Test
    void a_counter_of_a_user_whose_call_was_given_up_does_not_keep_those_of_others() {
        budget.define(
                ACCOUNT,
                List.of(
                        Limit.Rate.window("api", 1_000, Duration.ofSeconds(1)),
                        Limit.Rate.window("user", 3, Duration.ofSeconds(1))));
        ask("lost");
        permits.getLast().abandon();
        for (int user = 0; user < 50; user++) {
            ask("user-" + user);
            time.pass(Duration.ofMillis(10));
        }
        assertThat(counters()).isEqualTo(51);

        permits.subList(1, 51).forEach(permit -> permit.complete(LimitFeedback.NONE));
        time.pass(Duration.ofMinutes(1));

        assertThat(counters()).isEqualTo(1);
    }

    /** Connections that are cut: what was received before goes on waiting in the vendor, in the order of its coming. */
    @Test
    void no_vendor_refuses_a_call_when_it_counts_given_up_ones_late() {
        for (long seed = 0; seed < 60; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            VirtualTime clock = new VirtualTime();
            int limit = 2 + random.nextInt(20);
            long window = 10 * SECOND;
            long phase = random.nextLong(window);
            VendorLimiter limiter = random.nextBoolean()
                    ? new VendorLimiter.SlidingLog(limit, window)
                    : new VendorLimiter.SlidingCounter(limit, window, phase);
            Budget client = PacedBudgets.of(clock, Limit.Rate.window("api", limit, Duration.ofNanos(window)));
            int[] refused = {0};
            int[] answered = {0};
            // Now and then the vendor stands still, longer than anybody waits. Not for so long that a call would try
            // whether it is there: that one comes on top.
            long[] busyUntil = {0};
            for (int call = 0; call < 40 * limit; call++) {
                clock.after(
                        (long) (call * 0.4 * window / limit),
                        () -> client.enqueue(Requests.read(ACCOUNT, Duration.ofSeconds(30)), decision -> {
                            if (decision instanceof Granted granted) {
                                granted.permit().send();
                                if (random.nextInt(10 * limit) == 0) {
                                    busyUntil[0] = Math.max(busyUntil[0], clock.read() + random.nextLong(window));
                                }
                                long arrives = Math.max(busyUntil[0], clock.read()) + 1_000_000;
                                boolean givesUp = arrives > clock.read() + window / 4;
                                clock.after(arrives - clock.read(), () -> {
                                    refused[0] += limiter.admits(clock.read()) ? 0 : 1;
                                    answered[0] += givesUp ? 0 : 1;
                                    granted.permit().complete(LimitFeedback.NONE);
                                });
                                if (givesUp) {
                                    clock.after(window / 4, granted.permit()::abandon);
                                }
                            }
                        }));
            }
            clock.pass(Duration.ofMinutes(30));

            assertThat(refused[0]).as("refused calls, seed %d", seed).isZero();
            assertThat(answered[0]).as("answered calls, seed %d", seed).isGreaterThan(limit);
        }
    }

    private void ask(int calls) {
        for (int call = 0; call < calls; call++) {
            budget.enqueue(Requests.read(ACCOUNT, Duration.ofDays(1)), decision -> sent((Granted) decision));
        }
    }

    private void ask(String user) {
        budget.enqueue(
                Requests.of(ACCOUNT, "write", Duration.ofDays(1), LimitCost.on("api"), LimitCost.on("user", user)),
                decision -> sent((Granted) decision));
    }

    private void sent(Granted granted) {
        granted.permit().send();
        permits.add(granted.permit());
    }

    private long used() {
        return budget.state(ACCOUNT).orElseThrow().limits().getFirst().used();
    }

    private int counters() {
        return budget.state(ACCOUNT).orElseThrow().limits().getLast().counters();
    }
}
