package io.sluice.gateway;

import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.budget.Budget.AccountState;
import io.sluice.budget.Budget.LimitState;
import io.sluice.budget.Budget.QueueState;
import io.sluice.budget.ThrottleCause;
import io.sluice.budget.Ticker;
import io.sluice.call.CallMeters;
import io.sluice.metrics.Cached;
import io.sluice.team.Team;
import io.sluice.team.Teams;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.metrics.Tag;

/**
 * The gauges of the budget: what each limit has left, and the calls that wait, read whenever the metrics are scraped.
 */
@Singleton
public class BudgetGauges {
    void show(@Observes StartupEvent starting, Budget budget, Teams teams, CallMeters meters, Ticker ticker) {
        for (AccountState state : budget.states()) {
            Snapshot account = showAccount(meters, budget, ticker, state);
            for (Team team : teams.all().values()) {
                showQueue(meters, account, team.name());
            }
        }
    }

    /** Registers the gauges of one account and of its limits, and returns what they read. */
    static Snapshot showAccount(CallMeters meters, Budget budget, Ticker ticker, AccountState state) {
        Snapshot account = new Snapshot(budget, ticker, state);
        showAccount(meters, account);
        for (LimitState limit : state.limits()) {
            showLimit(meters, account, limit.limit().name());
        }
        return account;
    }

    private static void showAccount(CallMeters meters, Snapshot account) {
        meters.gauge(
                "sluice_paused",
                "1 while the account is paused",
                account,
                seen -> seen.current().paused() ? 1 : 0,
                account.tags());
        meters.count(
                "sluice_shadow_would_have_waited",
                "Calls that passed in shadow and would have waited or been refused",
                account,
                seen -> seen.current().wouldHaveWaited(),
                account.tags());
        for (ThrottleCause cause : ThrottleCause.values()) {
            meters.count(
                    "sluice_vendor_throttled",
                    "Requests that the vendor refused for their rate, by cause",
                    account,
                    seen -> seen.current().throttled(cause),
                    account.tags(new Tag("cause", cause.name().toLowerCase(Locale.ROOT))));
        }
    }

    private static void showLimit(CallMeters meters, Snapshot account, String limit) {
        Tag[] tags = account.tags(new Tag("limit", limit));
        meters.gauge(
                "sluice_limit_permits_remaining",
                "Permits left in the current window, of the fullest counter",
                account,
                seen -> seen.limit(limit, LimitState::remaining),
                tags);
        meters.gauge(
                "sluice_limit_permits",
                "Permits of a window, as far as the vendor's headers confirm them",
                account,
                seen -> seen.limit(limit, LimitState::permits),
                tags);
        meters.gauge(
                "sluice_limit_closed_seconds",
                "Time until a limit that the vendor closed reopens",
                account,
                seen -> seen.limit(limit, state -> state.closedFor().toMillis() / 1e3),
                tags);
        meters.gauge(
                "sluice_limit_bursts_stopped",
                "1 while a limit is paced evenly since the vendor refused bursts, else 0",
                account,
                seen -> seen.limit(limit, state -> state.bursting() == Budget.BurstState.STOPPED ? 1 : 0),
                tags);
    }

    private static void showQueue(CallMeters meters, Snapshot account, String team) {
        Tag[] tags = account.tags(new Tag("team", team));
        meters.gauge(
                "sluice_queue_depth",
                "Calls that wait in the queue for a permit",
                account,
                seen -> seen.queue(team, QueueState::pending),
                tags);
        meters.gauge(
                "sluice_queue_oldest_wait_seconds",
                "Wait of the oldest call in the queue",
                account,
                seen -> seen.queue(team, state -> state.oldestWait().toMillis() / 1e3),
                tags);
    }

    /** One account's state, read once for all the gauges of one scrape. */
    static final class Snapshot {
        private final AccountId account;
        private final Cached<AccountState> state;

        Snapshot(Budget budget, Ticker ticker, AccountState first) {
            account = AccountId.parse(first.account());
            // An account stays defined as long as the process runs.
            state = Cached.perScrape(() -> budget.state(first.account()).orElse(first), ticker);
        }

        Tag[] tags(Tag... more) {
            Tag[] tags = Arrays.copyOf(more, more.length + 2);
            tags[more.length] = new Tag("vendor", account.vendor());
            tags[more.length + 1] = new Tag("account", account.account());
            return tags;
        }

        double limit(String name, ToDoubleFunction<LimitState> value) {
            return current().limits().stream()
                    .filter(limit -> limit.limit().name().equals(name))
                    .mapToDouble(value)
                    .findFirst()
                    .orElse(0);
        }

        double queue(String team, ToDoubleFunction<QueueState> value) {
            return current().queues().stream()
                    .filter(queue -> queue.team().equals(team))
                    .mapToDouble(value)
                    .findFirst()
                    .orElse(0);
        }

        private AccountState current() {
            return state.get();
        }
    }
}
