package io.sluice.gateway;

import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Ticker;
import io.sluice.budget.window.Limit;
import io.sluice.call.CallMeters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Tag;
import org.jboss.logging.Logger;

/**
 * Alerts for low limits: a log line and a count when less than a tenth of a limit is left, once in each of its windows;
 * and a log line when its bursts are stopped, once until they resume.
 */
@ApplicationScoped
public class LowLimitAlerts {
    private static final Logger LOG = Logger.getLogger(LowLimitAlerts.class);

    private final Ticker ticker;
    private final CallMeters meters;
    private final Budget budget;
    private final Map<String, Long> warned = new ConcurrentHashMap<>();
    private final Set<String> stopped = ConcurrentHashMap.newKeySet();

    LowLimitAlerts(Ticker ticker, CallMeters meters, Budget budget) {
        this.ticker = ticker;
        this.meters = meters;
        this.budget = budget;
    }

    void show(@Observes StartupEvent starting) {
        budget.states()
                .forEach(account -> account.limits()
                        .forEach(limit -> counter(account, limit).inc(0)));
    }

    /** Checks an account after a call, and returns the state that was read for it. */
    Optional<AccountState> check(AccountId account) {
        Optional<AccountState> state = budget.state(account.toString());
        state.ifPresent(this::check);
        return state;
    }

    private void check(AccountState account) {
        for (LimitState state : account.limits()) {
            checkBursts(account, state);
            if (state.limit() instanceof Limit.Rate rate
                    && state.low()
                    && first(
                            account.account() + " " + rate.name(), rate.window().toNanos())) {
                counter(account, state).inc();
                LOG.warnf(
                        "limit is low: limit=%s account=%s remaining=%d permits=%d",
                        rate.name(), account.account(), state.remaining(), state.permits());
            }
        }
    }

    private void checkBursts(AccountState account, LimitState state) {
        String limit = account.account() + " " + state.limit().name();
        if (state.bursting() != Budget.BurstState.STOPPED) {
            stopped.remove(limit);
        } else if (stopped.add(limit)) {
            LOG.warnf(
                    "bursts stopped: limit=%s account=%s; the vendor refused two within a day and its headers show no"
                            + " foreign use; paced evenly for a week, or until an admin sets bursts=allowed",
                    state.limit().name(), account.account());
        }
    }

    private boolean first(String limit, long window) {
        long now = ticker.read();
        Long before = warned.get(limit);
        if (before != null && now - before < window) {
            return false;
        }
        return before == null ? warned.putIfAbsent(limit, now) == null : warned.replace(limit, before, now);
    }

    private Counter counter(AccountState account, LimitState limit) {
        AccountId id = AccountId.parse(account.account());
        return meters.counter(
                "sluice_limit_low_windows",
                "Windows in which less than a tenth of a limit was left",
                new Tag("vendor", id.vendor()),
                new Tag("account", id.account()),
                new Tag("limit", limit.limit().name()));
    }
}
