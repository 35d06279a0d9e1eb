package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.BurstState;
import io.sluice.budget.Budget.ClosedOperation;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.QueueState;
import io.sluice.budget.queue.TeamState;
import io.sluice.budget.window.CounterGroup;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.LimitCounter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The view of an account for the API and the metrics: computes its state. Called with its lock held. */
final class AccountView {
    private AccountView() {}

    /**
     * How the account decides.
     *
     * @param wouldHaveWaited how many calls passed in shadow only
     */
    record Modes(boolean paused, boolean shadow, long wouldHaveWaited) {}

    static AccountState of(long now, String account, Modes modes, Ledger ledger, Collection<TeamState> teams) {
        return new AccountState(
                account,
                modes.paused(),
                modes.shadow(),
                ledger.throttled(),
                modes.wouldHaveWaited(),
                Duration.ofNanos(ledger.latency.jitter()),
                between(now, ledger.cooldown.closedUntil()),
                ledger.limits.stream().map(group -> limit(now, group)).toList(),
                closed(now, ledger),
                teams.stream().map(team -> queue(now, team)).toList());
    }

    private static List<ClosedOperation> closed(long now, Ledger ledger) {
        return ledger.operations.entrySet().stream()
                .filter(each -> each.getValue().closedUntil() > now)
                .map(each -> new ClosedOperation(
                        each.getKey(), between(now, each.getValue().closedUntil())))
                .toList();
    }

    private static LimitState limit(long now, CounterGroup group) {
        group.sweep(now);
        long closedUntil = now;
        LimitCounter.@Nullable Usage tightest = null;
        for (LimitCounter counter : group.all()) {
            LimitCounter.Usage usage = counter.usage(now);
            closedUntil = Math.max(closedUntil, counter.cooldown().closedUntil());
            if (tightest == null || usage.remaining() <= tightest.remaining()) {
                tightest = usage;
            }
        }
        if (tightest == null) {
            tightest = new LimitCounter.Usage(group.limit().permits(), 0, 0, 0);
        }
        return new LimitState(
                group.limit(),
                Math.max(1, group.all().size()),
                tightest.permits(),
                tightest.used(),
                tightest.remaining(),
                tightest.foreign(),
                Duration.ofNanos(tightest.margin()),
                between(now, closedUntil),
                bursts(now, group));
    }

    private static BurstState bursts(long now, CounterGroup group) {
        if (!(group.limit() instanceof Limit.Rate rate) || !rate.bursts()) {
            return BurstState.NEVER;
        }
        return group.isBurstStopped(now) ? BurstState.STOPPED : BurstState.ALLOWED;
    }

    private static QueueState queue(long now, TeamState team) {
        return new QueueState(
                team.name(), team.pending(), team.inFlight(), between(team.oldestSince(now), now), team.served());
    }

    private static Duration between(long from, long to) {
        return to <= from ? Duration.ZERO : Duration.ofNanos(to - from);
    }
}
