package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.CapturedLog;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.call.CallMeters;
import io.sluice.simulation.VirtualTime;
import io.smallrye.metrics.SharedMetricRegistries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.MetricID;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LowLimitAlertsTest {
    private static final String ACCOUNT = "acme/low";
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final VirtualTime time = new VirtualTime();
    private final PacedBudget budget = new PacedBudget(time, time);
    private final CallMeters meters = new CallMeters();
    private final LowLimitAlerts low = new LowLimitAlerts(time, meters, budget);

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(LowLimitAlerts.class);

    @BeforeEach
    void define() {
        budget.define(
                ACCOUNT,
                List.of(
                        new Limit.Rate("api", 100, WINDOW, Limiter.BUCKET, 100),
                        new Limit.Rate("few", 5, WINDOW, Limiter.BUCKET, 5),
                        Limit.Rate.window("bursts", 9, WINDOW)));
    }

    @Test
    void a_limit_of_which_a_tenth_is_left_is_not_low_and_one_call_more_makes_it_so() {
        long before = low("api").getCount();
        // The bucket keeps one back.
        call("api", 89);
        assertThat(log.lines()).isEmpty();

        call("api", 1);

        assertThat(log.lines()).containsExactly("limit is low: limit=api account=acme/low remaining=9 permits=100");
        assertThat(low("api").getCount()).isEqualTo(before + 1);
    }

    @Test
    void one_window_is_warned_of_once_and_the_next_one_again() {
        long before = low("api").getCount();
        call("api", 95);
        assertThat(log.lines()).hasSize(1);

        time.pass(WINDOW.minusNanos(1));
        call("api", 95);
        assertThat(log.lines()).hasSize(1);

        time.pass(WINDOW);
        call("api", 95);
        assertThat(log.lines()).hasSize(2);
        assertThat(low("api").getCount()).isEqualTo(before + 2);
    }

    @Test
    void of_a_handful_nobody_is_warned() {
        call("few", 5);

        assertThat(log.lines()).isEmpty();
    }

    @Test
    void stopped_bursts_are_warned_of_once_and_shown_by_a_gauge() {
        BudgetGauges.showAccount(meters, budget, time, budget.state(ACCOUNT).orElseThrow());
        assertThat(burstsStopped()).isZero();
        for (int burst = 0; burst < 3; burst++) {
            List<Permit> permits = new ArrayList<>();
            for (int call = 0; call < 9; call++) {
                budget.enqueue(request("bursts"), decision -> {
                    if (decision instanceof Decision.Granted granted) {
                        permits.add(granted.permit());
                    }
                });
            }
            permits.getLast()
                    .complete(new LimitFeedback(
                            List.of(),
                            Optional.of(new LimitFeedback.Throttle(
                                    Scope.LIMITS, Optional.empty(), Duration.ofSeconds(1)))));
            low.check(AccountId.parse(ACCOUNT));
            low.check(AccountId.parse(ACCOUNT));
            permits.forEach(permit -> permit.complete(LimitFeedback.NONE));
            time.pass(WINDOW.multipliedBy(3));
            call("bursts", 1);
            time.pass(WINDOW.multipliedBy(3));
        }

        assertThat(log.lines())
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("bursts stopped: limit=bursts account=acme/low;"));
        assertThat(burstsStopped()).isEqualTo(1);

        budget.resumeBursts(ACCOUNT, "bursts");
        time.pass(WINDOW);
        assertThat(burstsStopped()).isZero();
    }

    private static double burstsStopped() {
        return SharedMetricRegistries.getOrCreate(MetricRegistry.APPLICATION_SCOPE)
                .getGauge(new MetricID(
                        "sluice_limit_bursts_stopped",
                        new Tag("vendor", "acme"),
                        new Tag("account", "low"),
                        new Tag("limit", "bursts")))
                .getValue()
                .doubleValue();
    }

    private static PermitRequest request(String limit) {
        return new PermitRequest(
                ACCOUNT,
                "read",
                List.of(LimitCost.on(limit)),
                new TeamShare("team", 1, 1_000),
                Priority.INTERACTIVE,
                Duration.ZERO,
                Optional.empty());
    }

    /** Makes calls that the vendor answers at once, and has each looked at. */
    private void call(String limit, int times) {
        for (int call = 0; call < times; call++) {
            budget.enqueue(request(limit), decision -> {
                if (decision instanceof Decision.Granted granted) {
                    granted.permit().send();
                    granted.permit().complete(LimitFeedback.NONE);
                }
            });
            low.check(AccountId.parse(ACCOUNT));
        }
    }

    private Counter low(String limit) {
        return meters.counter(
                "sluice_limit_low_windows",
                "Windows in which less than a tenth of a limit was left",
                new Tag("vendor", "acme"),
                new Tag("account", "low"),
                new Tag("limit", limit));
    }
}
