package io.sluice.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision.Granted;
import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Permit;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitReading;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * Heavy calls, which a narrow limit holds back beside the account's own, among many light ones, at a vendor whose headers
 * show a limit without its name, as Fathom's do.
 */
class NarrowLimitTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WAY = 20_000_000L;
    private static final int ACCOUNT_PERMITS = 300;
    private static final int HEAVY_PERMITS = 5;
    private static final Duration PLAYED = Duration.ofMinutes(10);

    private final VirtualTime time = new VirtualTime();
    private final Budget budget = PacedBudgets.of(time);
    private final VendorLimiter account = new VendorLimiter.SlidingLog(ACCOUNT_PERMITS, 60 * SECOND);
    private final VendorLimiter heavy = new VendorLimiter.SlidingLog(HEAVY_PERMITS, 5 * SECOND);

    private int light;
    private int served;
    private int refused;

    @Test
    void heavy_calls_keep_their_rate_beside_busy_light_ones_when_headers_show_the_accounts_limit() {
        play(false);

        assertThat(refused).isZero();
        // As many as with headers of its own; taken for the narrow limit's, the account's leave a fourth of that.
        assertThat(served).isGreaterThan(400);
        assertThat(light).isGreaterThan(1_800);
    }

    @Test
    void heavy_calls_keep_their_rate_when_headers_show_their_own_limit() {
        play(true);

        assertThat(refused).isZero();
        assertThat(served).isGreaterThan(400);
        assertThat(light).isGreaterThan(1_800);
    }

    /** @param ownLimit true if a heavy call's answer shows the narrow limit, false if every answer shows the account's */
    private void play(boolean ownLimit) {
        budget.define(
                "vendor/account",
                List.of(
                        Limit.Rate.window("account", ACCOUNT_PERMITS, Duration.ofSeconds(60)),
                        Limit.Rate.window("heavy", HEAVY_PERMITS, Duration.ofSeconds(5))));
        for (int call = 0; call < 5_000; call++) {
            budget.enqueue(
                    request("light", LimitCost.on("account")), decision -> send((Granted) decision, false, ownLimit));
            budget.enqueue(
                    request("heavy", LimitCost.on("account"), LimitCost.on("heavy")),
                    decision -> send((Granted) decision, true, ownLimit));
        }
        time.pass(PLAYED);
    }

    private static PermitRequest request(String team, LimitCost... costs) {
        return new PermitRequest(
                "vendor/account",
                team,
                List.of(costs),
                new TeamShare(team, 1, 100_000),
                Priority.BULK,
                Duration.ofDays(1),
                Optional.empty());
    }

    private void send(Granted granted, boolean isHeavy, boolean ownLimit) {
        Permit permit = granted.permit();
        assertThat(permit.send()).isTrue();
        time.after(WAY, () -> {
            long now = time.read();
            boolean admitted = account.admits(now) && (!isHeavy || heavy.admits(now));
            refused += admitted ? 0 : 1;
            served += admitted && isHeavy ? 1 : 0;
            light += admitted && !isHeavy ? 1 : 0;
            LimitFeedback answer = new LimitFeedback(
                    List.of(isHeavy && ownLimit ? reading(heavy, HEAVY_PERMITS) : reading(account, ACCOUNT_PERMITS)),
                    admitted
                            ? Optional.empty()
                            : Optional.of(new LimitFeedback.Throttle(
                                    Scope.LIMITS, Optional.of(Duration.ofSeconds(5)), Duration.ofSeconds(60))));
            time.after(WAY, () -> permit.complete(answer));
        });
    }

    private LimitReading reading(VendorLimiter limiter, int permits) {
        long now = time.read();
        return new LimitReading(
                LimitReading.UNNAMED,
                OptionalLong.of(permits),
                OptionalLong.of(limiter.remaining(now)),
                Optional.of(Duration.ofSeconds(Math.ceilDiv(limiter.resetAt(now) - now, SECOND))));
    }
}
