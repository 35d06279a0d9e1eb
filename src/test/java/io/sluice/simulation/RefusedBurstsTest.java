package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Budget.BurstState;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Scope;
import io.sluice.budget.ThrottleCause;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Bursts that are refused all the same, though the caps hold: the pacing rules, "When a burst is refused all the same". */
class RefusedBurstsTest {
    private static final String ACCOUNT = PacedBudgets.ACCOUNT;
    private static final Limit API = Limit.Rate.window("api", 60, Duration.ofMinutes(1));

    private final VirtualTime time = new VirtualTime();
    private final HeapBudgetStore disk = new HeapBudgetStore();
    private Budget budget = start(API);

    @Test
    void the_burst_becomes_what_went_through_of_it() {
        assertThat(burst(20)).isEqualTo(30);

        assertThat(bursting()).isEqualTo(BurstState.ALLOWED);
        assertThat(budget.state(ACCOUNT).orElseThrow().throttled(ThrottleCause.AVOIDABLE))
                .as("a burst of half of the limit is ours")
                .isEqualTo(10);
        assertThat(limit().margin()).as("no window is at fault").isZero();
        rest();
        assertThat(burst(20)).isEqualTo(20);
        assertThat(bursting()).isEqualTo(BurstState.ALLOWED);
    }

    @Test
    void the_second_within_a_day_takes_it_back_to_even_pacing_for_a_week() {
        burst(20);
        rest();
        time.pass(Duration.ofHours(23));
        assertThat(burst(10)).isEqualTo(20);

        assertThat(bursting()).isEqualTo(BurstState.STOPPED);
        rest();
        assertThat(burst(60)).as("paced evenly").isEqualTo(1);
        time.pass(Duration.ofDays(7));
        assertThat(bursting()).isEqualTo(BurstState.ALLOWED);
        assertThat(burst(60)).as("starts again at what went through").isEqualTo(10);
    }

    @Test
    void two_that_lie_more_than_a_day_apart_only_make_it_smaller() {
        burst(20);
        rest();
        time.pass(Duration.ofHours(25));
        burst(10);

        assertThat(bursting()).isEqualTo(BurstState.ALLOWED);
        rest();
        assertThat(burst(60)).isEqualTo(10);
    }

    @Test
    void an_admin_lets_bursts_go_again() {
        burst(20);
        rest();
        burst(10);
        rest();

        budget.resumeBursts(ACCOUNT, "api");

        assertThat(bursting()).isEqualTo(BurstState.ALLOWED);
        assertThat(burst(60)).isEqualTo(10);
    }

    @Test
    void what_was_learned_outlives_a_restart() {
        burst(20);
        rest();
        burst(10);
        rest();
        budget.drain();

        budget = start(API);

        assertThat(bursting()).isEqualTo(BurstState.STOPPED);
        time.pass(Duration.ofDays(7));
        assertThat(burst(60)).isEqualTo(10);
    }

    @Test
    void another_limit_begins_untaught() {
        burst(20);
        rest();

        budget.change(ACCOUNT, Limit.Rate.window("api", 100, Duration.ofMinutes(1)));

        assertThat(burst(60)).isEqualTo(50);
    }

    @Test
    void nothing_is_learned_while_headers_show_somebody_else() {
        LimitReading taken = new LimitReading("api", OptionalLong.empty(), OptionalLong.of(0), Optional.empty());

        burst(20, taken);

        assertThat(budget.state(ACCOUNT).orElseThrow().throttled(ThrottleCause.FOREIGN))
                .isEqualTo(10);
        rest();
        assertThat(burst(60)).isEqualTo(30);
    }

    @Test
    void a_bucket_shallower_than_declared_is_learned_too() {
        budget = PacedBudgets.of(time, new Limit.Rate("api", 60, Duration.ofMinutes(1), Limiter.BUCKET, 40));
        assertThat(burst(25)).isEqualTo(40);

        rest();

        assertThat(burst(25)).isEqualTo(25);
    }

    /** Asks for 100 calls, of which the vendor takes so many; returns how many went at once. */
    private int burst(int taken, LimitReading... told) {
        List<Permit> permits = new ArrayList<>();
        for (int call = 0; call < 100; call++) {
            PermitRequest request = Requests.read(ACCOUNT, Duration.ofMillis(1));
            budget.enqueue(request, decision -> {
                if (decision instanceof Granted granted) {
                    granted.permit().send();
                    permits.add(granted.permit());
                }
            });
        }
        time.pass(Duration.ofMillis(100));
        Throttle throttle = new Throttle(Scope.LIMITS, Optional.of(Duration.ofSeconds(1)), Duration.ofSeconds(1));
        for (int call = 0; call < permits.size(); call++) {
            Optional<Throttle> refused = call < taken ? Optional.empty() : Optional.of(throttle);
            permits.get(call).complete(new LimitFeedback(refused.isPresent() ? List.of(told) : List.of(), refused));
        }
        return permits.size();
    }

    /** Reopens what was closed, and lets all that counted be forgotten. */
    private void rest() {
        time.pass(Duration.ofMinutes(3));
        probe();
        time.pass(Duration.ofMinutes(3));
    }

    /** The call that tries whether the vendor is open again. */
    private void probe() {
        PermitRequest request = Requests.read(ACCOUNT, Duration.ofMinutes(1));
        budget.enqueue(request, decision -> ((Granted) decision).permit().complete(LimitFeedback.NONE));
    }

    private BurstState bursting() {
        return limit().bursting();
    }

    private Budget.LimitState limit() {
        return budget.state(ACCOUNT).orElseThrow().limits().getFirst();
    }

    private Budget start(Limit limit) {
        return PacedBudgets.kept(time, disk, limit);
    }
}
