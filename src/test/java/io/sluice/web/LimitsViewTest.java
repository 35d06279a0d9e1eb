package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import io.sluice.operator.Attribution;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The view of limits whose state no test over HTTP can wait for. */
class LimitsViewTest {
    private static final String ACCOUNT = "acme/default";
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final VirtualTime time = new VirtualTime();
    private final PacedBudget budget = new PacedBudget(time, time);

    @BeforeEach
    void define() {
        budget.define(
                ACCOUNT,
                List.of(
                        Limit.Rate.window("bursts", 60, WINDOW),
                        new Limit.Rate("paced", 60, WINDOW, Limiter.BUCKET, 1)));
    }

    @Test
    void bursts_are_allowed_until_the_vendor_refused_two_within_a_day_and_again_after_an_admin_said_so() {
        assertThat(bursts("bursts")).isEqualTo("allowed");
        assertThat(bursts("paced")).isNull();

        refusedBurst();
        assertThat(bursts("bursts")).isEqualTo("allowed");
        refusedBurst();
        assertThat(bursts("bursts")).isEqualTo("stopped");

        budget.resumeBursts(ACCOUNT, "bursts");
        assertThat(bursts("bursts")).isEqualTo("allowed");
    }

    @Test
    void tells_who_has_set_what_and_that_it_is_not_durable() {
        Attribution ops = new Attribution("ops", Instant.EPOCH, "incident 4711", Instant.EPOCH.plusSeconds(60));

        LimitsView view = LimitsView.of(
                budget.state(ACCOUNT).orElseThrow(),
                false,
                List.of(),
                new LimitsView.Settings(ops, Map.of("bursts", ops), false),
                Instant.EPOCH);

        SettingView shown = new SettingView("ops", Instant.EPOCH, "incident 4711", Instant.EPOCH.plusSeconds(60));
        assertThat(view.pause()).isEqualTo(shown);
        assertThat(view.durable()).isFalse();
        assertThat(view.limits())
                .filteredOn(limit -> shown.equals(limit.change()))
                .singleElement()
                .extracting(LimitsView.LimitView::limit)
                .isEqualTo("bursts");
    }

    private @Nullable String bursts(String limit) {
        return LimitsView.of(
                        budget.state(ACCOUNT).orElseThrow(), false, List.of(), LimitsView.Settings.NONE, Instant.EPOCH)
                .limits()
                .stream()
                .filter(view -> view.limit().equals(limit))
                .findFirst()
                .orElseThrow()
                .bursts();
    }

    /** A burst on an idle limit, of which the vendor refuses the last call; then the limit rests. */
    private void refusedBurst() {
        List<Permit> permits = new ArrayList<>();
        for (int call = 0; call < 60; call++) {
            budget.enqueue(request(), decision -> {
                if (decision instanceof Granted granted) {
                    granted.permit().send();
                    permits.add(granted.permit());
                }
            });
        }
        Permit last = permits.removeLast();
        permits.forEach(permit -> permit.complete(LimitFeedback.NONE));
        last.complete(new LimitFeedback(
                List.of(), Optional.of(new Throttle(Scope.LIMITS, Optional.empty(), Duration.ofSeconds(1)))));
        time.pass(WINDOW.multipliedBy(3));
        // The call that tries whether the vendor is open again.
        budget.enqueue(request(), decision -> ((Granted) decision).permit().complete(LimitFeedback.NONE));
        time.pass(WINDOW.multipliedBy(3));
    }

    private static PermitRequest request() {
        return new PermitRequest(
                ACCOUNT,
                "read",
                List.of(LimitCost.on("bursts")),
                new TeamShare("team", 1, 1_000),
                Priority.INTERACTIVE,
                Duration.ZERO,
                Optional.empty());
    }
}
