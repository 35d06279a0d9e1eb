package io.sluice.web;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import io.sluice.ProcessConfig;
import io.sluice.budget.window.Limit;
import io.sluice.gateway.GatewayConfig;
import io.sluice.saas.Vendor;
import io.sluice.store.StoreConfig;
import io.sluice.team.Team;
import io.sluice.team.Teams;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * A summary of the process in one log line at start: its mode, roles, vendors and changed limits. It holds names and
 * limits, no secret.
 */
@Singleton
public class StartupSummary {
    private static final Logger LOG = Logger.getLogger(StartupSummary.class);

    private final String version;
    private final ProcessConfig process;
    private final StoreConfig store;
    private final List<Vendor> vendors;
    private final Teams teams;
    private final GatewayConfig gateway;

    StartupSummary(
            @ConfigProperty(name = "quarkus.application.version") String version,
            ProcessConfig process,
            StoreConfig store,
            @All List<Vendor> vendors,
            Teams teams,
            GatewayConfig gateway) {
        this.version = version;
        this.process = process;
        this.store = store;
        this.vendors = vendors;
        this.teams = teams;
        this.gateway = gateway;
    }

    /** Runs after all other observers, so none of them has stopped the start. */
    void tell(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) StartupEvent starting) {
        LOG.info(text());
    }

    String text() {
        return "Sluice starting: version=%s mode=%s roles=%s store=%s data-dir=%s vendors=%s teams=%s hosts=%s"
                .formatted(
                        version,
                        lower(process.mode()),
                        list(process.roles().stream().map(StartupSummary::lower)),
                        lower(store.store()),
                        store.dataDir().toAbsolutePath().normalize(),
                        list(vendors.stream()
                                .filter(vendor -> !vendor.limits().isEmpty())
                                .map(StartupSummary::describe)),
                        list(teams.all().values().stream().map(StartupSummary::describe)),
                        list(new TreeMap<>(gateway.hosts())
                                .entrySet().stream().map(host -> host.getKey() + "=" + host.getValue())));
    }

    private static String describe(Team team) {
        return team.admin() ? team.name() + " (admin)" : team.name();
    }

    private static String describe(Vendor vendor) {
        Map<String, List<Limit>> documented = vendor.documentedLimits();
        return vendor.name()
                + list(new TreeMap<>(vendor.limits())
                        .entrySet().stream()
                                .map(account -> account.getKey()
                                        + changed(
                                                account.getValue(),
                                                documented.getOrDefault(account.getKey(), List.of()))));
    }

    /** The limits that differ from the documented ones. */
    private static String changed(Collection<Limit> limits, Collection<Limit> documented) {
        List<String> changed = limits.stream()
                .filter(limit -> !documented.contains(limit))
                .map(StartupSummary::describe)
                .toList();
        return changed.isEmpty() ? "" : " (" + String.join(", ", changed) + ")";
    }

    private static String describe(Limit limit) {
        return limit.name() + " "
                + switch (limit) {
                    case Limit.Rate rate ->
                        rate.permits() + " in "
                                + rate.window().toString().substring(2).toLowerCase(Locale.ROOT) + " "
                                + lower(rate.limiter()) + (rate.burst() > 1 ? " burst " + rate.burst() : "");
                    case Limit.Concurrency inFlight -> inFlight.permits() + " at once";
                };
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String list(Stream<String> items) {
        return new TreeSet<>(items.toList()).stream().collect(Collectors.joining(", ", "[", "]"));
    }
}
