package io.sluice.budget;

import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.ClosedOperation;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.QueueState;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an account looks from outside. Called with its lock held. */
final class AccountView {
    private AccountView() {}

    static AccountState of(Account account, long now) {
        Ledger ledger = account.ledger;
        return new AccountState(
                account.name,
                account.paused,
                account.shadow,
                ledger.throttled(),
                account.held,
                Duration.ofNanos(ledger.delays.spread()),
                between(now, ledger.gate.closedUntil()),
                ledger.limits.stream().map(counters -> limit(now, counters)).toList(),
                closed(now, ledger),
                account.teams.values().stream().map(team -> queue(now, team)).toList());
    }

    private static List<ClosedOperation> closed(long now, Ledger ledger) {
        return ledger.operations.entrySet().stream()
                .filter(each -> each.getValue().closedUntil() > now)
                .map(each -> new ClosedOperation(
                        each.getKey(), between(now, each.getValue().closedUntil())))
                .toList();
    }

    private static LimitState limit(long now, Counters counters) {
        counters.sweep(now);
        long closedUntil = now;
        Meter.@Nullable Standing tightest = null;
        for (Meter meter : counters.all()) {
            Meter.Standing standing = meter.standing(now);
            closedUntil = Math.max(closedUntil, meter.gate.closedUntil());
            if (tightest == null || standing.remaining() <= tightest.remaining()) {
                tightest = standing;
            }
        }
        if (tightest == null) {
            tightest = new Meter.Standing(counters.limit().permits(), 0, 0, 0);
        }
        return new LimitState(
                counters.limit(),
                Math.max(1, counters.all().size()),
                tightest.permits(),
                tightest.used(),
                tightest.remaining(),
                tightest.foreign(),
                Duration.ofNanos(tightest.margin()),
                between(now, closedUntil));
    }

    private static QueueState queue(long now, Team team) {
        return new QueueState(
                team.name, team.pending(), team.inFlight, between(team.oldestSince(now), now), team.served);
    }

    private static Duration between(long from, long to) {
        return to <= from ? Duration.ZERO : Duration.ofNanos(to - from);
    }
}
