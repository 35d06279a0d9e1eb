package io.sluice.web;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.budget.Ticker;
import io.sluice.call.CallMeters;
import io.sluice.export.Backlog;
import io.sluice.export.Exports;
import io.sluice.metrics.Cached;
import io.sluice.saas.Vendor;
import io.sluice.store.StoreUnavailableException;
import io.sluice.team.Teams;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.metrics.Tag;

/**
 * The gauges of exports: unfinished jobs for each team and account, read whenever the metrics are scraped. Every
 * process shows the same jobs: the database's.
 */
@Singleton
public class ExportGauges {
    void show(
            @Observes StartupEvent starting,
            Exports exports,
            @All List<Vendor> vendors,
            Teams teams,
            CallMeters meters,
            Ticker ticker,
            InstantSource clock) {
        Snapshot seen = new Snapshot(exports, ticker);
        vendors.stream()
                .filter(vendor -> exports.exporters().containsKey(vendor.name()))
                .forEach(vendor -> vendor.limits()
                        .keySet()
                        .forEach(account -> teams.all()
                                .keySet()
                                .forEach(team ->
                                        show(meters, seen, clock, new AccountId(vendor.name(), account), team))));
    }

    private static void show(CallMeters meters, Snapshot jobs, InstantSource clock, AccountId account, String team) {
        Tag[] tags = {new Tag("vendor", account.vendor()), new Tag("account", account.account()), new Tag("team", team)
        };
        meters.gauge(
                "sluice_export_queued",
                "Export jobs that wait for a slot at the vendor",
                jobs,
                seen -> seen.of(account, team, Backlog::queued),
                tags);
        meters.gauge(
                "sluice_export_running",
                "Export jobs that are submitted, running or being fetched",
                jobs,
                seen -> seen.of(account, team, Backlog::running),
                tags);
        meters.gauge(
                "sluice_export_oldest_age_seconds",
                "Age of the oldest unfinished export job",
                jobs,
                seen -> seen.of(
                        account,
                        team,
                        jobsOf -> Math.max(0, clock.millis() - jobsOf.oldest().toEpochMilli()) / 1e3),
                tags);
    }

    /** The jobs, read once for all the gauges of one scrape. */
    private static final class Snapshot {
        private final Cached<Optional<List<Backlog>>> backlogs;

        Snapshot(Exports exports, Ticker ticker) {
            backlogs = Cached.perScrape(() -> read(exports), ticker);
        }

        /** Returns the gauge's value; not a number while the database is away. */
        double of(AccountId account, String team, ToDoubleFunction<Backlog> value) {
            return backlogs.get()
                    .map(all -> all.stream()
                            .filter(each -> each.account().equals(account)
                                    && each.team().equals(team))
                            .mapToDouble(value)
                            .findFirst()
                            .orElse(0))
                    .orElse(Double.NaN);
        }

        private static Optional<List<Backlog>> read(Exports exports) {
            try {
                return Optional.of(exports.backlogs());
            } catch (StoreUnavailableException away) {
                // The database's own listener logs the failure.
                return Optional.empty();
            }
        }
    }
}
