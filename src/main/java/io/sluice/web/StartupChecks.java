package io.sluice.web;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.sluice.InvalidConfigException;
import io.sluice.ProcessConfig;
import io.sluice.budget.Budget;
import io.sluice.cache.CachedReads;
import io.sluice.call.Operation;
import io.sluice.gateway.GatewayConfig;
import io.sluice.gateway.Mounts;
import io.sluice.http.PermitWaitConfig;
import io.sluice.http.RequestBodies;
import io.sluice.saas.Route;
import io.sluice.saas.Vendor;
import io.sluice.team.Permission;
import io.sluice.team.Team;
import io.sluice.team.Teams;
import io.sluice.webhook.Webhooks;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfig;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The start-up checks of the configuration: an invalid one stops the start with a line for each mistake that names its
 * key. Most beans check their own part when they are created; here they are created before the first request, and what
 * spans several of them is checked.
 */
@Singleton
public class StartupChecks {
    private static final Pattern UNSET = Pattern.compile("Could not expand value (\\S+) in property");

    private static final Set<String> PROFILES_WITHOUT_TEAMS = Set.of("dev", "test", "sandbox");

    void check(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent starting,
            @All List<Vendor> vendors,
            @All List<Webhooks> webhooks,
            Instance<CachedReads> reads,
            Instance<Mounts> mounts,
            Instance<Budget> budget,
            Instance<RequestBodies> bodies,
            GatewayConfig config,
            ProcessConfig process,
            Instance<Teams> teams) {
        Mistakes mistakes = new Mistakes();
        unsetVariables(ConfigProvider.getConfig().unwrap(SmallRyeConfig.class))
                .forEach((key, variable) -> mistakes.in(() -> {
                    throw new InvalidConfigException(
                            key, "the variable " + variable + ", which its value names, is not set");
                }));
        // Vendors one by one, since a mistake in one does not hide those in the others; the beans that depend on them
        // come after.
        vendors.forEach(vendor -> mistakes.in(vendor::surfaces));
        vendors.forEach(vendor -> mistakes.in(vendor::limits));
        webhooks.forEach(kind -> mistakes.in(kind::accounts));
        mistakes.in(() -> checkWaiting(config.permitWait()));
        mistakes.in(() -> InvalidConfigException.check(
                !process.roles().isEmpty(), "sluice.roles", () -> "must name at least one role"));
        vendors.forEach(vendor -> mistakes.in(() -> checkOperations(vendor)));
        mistakes.in(() -> checkTeams(teams.get()));
        mistakes.in(bodies::get);
        mistakes.in(() -> reads.get().sharing());
        mistakes.stop();
        mistakes.in(() -> budget.get().states());
        mistakes.in(() -> mounts.get().names());
        teams.get()
                .all()
                .values()
                .forEach(team -> team.allow()
                        .forEach(permission -> mistakes.in(() -> checkPermission(team, permission, vendors))));
        mistakes.stop();
    }

    /**
     * The keys of Sluice whose values name a variable that is not set. SmallRye Config refuses it only where a value is
     * required; an optional one, such as the number of a limit, it takes for absent.
     */
    static Map<String, String> unsetVariables(SmallRyeConfig config) {
        Map<String, String> unset = new TreeMap<>();
        for (String key : config.getPropertyNames()) {
            if (key.startsWith("sluice.")) {
                for (ConfigValidationException.Problem problem :
                        config.getConfigValue(key).getProblems()) {
                    Matcher variable = UNSET.matcher(problem.getMessage());
                    if (variable.find()) {
                        unset.put(key, variable.group(1));
                    }
                }
            }
        }
        return unset;
    }

    /** The mistakes of the configuration so far, so that all of them can be reported at once. */
    private static final class Mistakes {
        private final Set<String> told = new LinkedHashSet<>();

        /** Runs a check, and records the mistake if it throws. */
        void in(Runnable check) {
            try {
                check.run();
            } catch (RuntimeException e) {
                told.add(String.valueOf(named(e).getMessage()));
            }
        }

        /** Throws if there was a mistake: Quarkus prints the message of a ConfigurationException, and nothing else. */
        void stop() {
            if (!told.isEmpty()) {
                throw new ConfigurationException(String.join(System.lineSeparator(), told));
            }
        }

        /** Returns the cause that names the key; a failure without one is no mistake of the configuration. */
        private static InvalidConfigException named(RuntimeException failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof InvalidConfigException invalid) {
                    return invalid;
                }
            }
            throw failure;
        }
    }

    private static void checkWaiting(PermitWaitConfig waiting) {
        InvalidConfigException.check(
                !waiting.byDefault().isNegative() && waiting.byDefault().compareTo(waiting.max()) <= 0,
                "sluice.permit-wait.default",
                () -> "must be from 0 to sluice.permit-wait.max, " + waiting.max() + ": " + waiting.byDefault());
    }

    static void checkOperations(Vendor vendor) {
        Set<String> operations = operations(vendor);
        vendor.operations().forEach((name, differs) -> {
            String key = "sluice." + vendor.name() + ".operations." + name;
            InvalidConfigException.check(
                    operations.contains(name),
                    key,
                    () -> vendor.name() + " has no operation " + name + "; there are " + operations);
            differs.callTimeout()
                    .ifPresent(timeout -> InvalidConfigException.check(
                            timeout.isPositive(), key + ".call-timeout", () -> "must be longer than 0: " + timeout));
        });
    }

    private static Set<String> operations(Vendor vendor) {
        return vendor.surfaces().stream()
                .flatMap(surface -> surface.routes().stream())
                .map(Route::operation)
                .map(Operation::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void checkTeams(Teams teams) {
        boolean needed = ConfigUtils.getProfiles().stream().noneMatch(PROFILES_WITHOUT_TEAMS::contains);
        InvalidConfigException.check(
                !teams.all().isEmpty() || !needed,
                "sluice.teams",
                () -> "no team is configured, so no caller could authenticate; set sluice.teams.<team>.key-hash");
    }

    private static void checkPermission(Team team, Permission permission, List<Vendor> vendors) {
        String key = "sluice.teams." + team.name() + ".allow";
        Set<String> names = vendors.stream().map(Vendor::name).collect(Collectors.toCollection(TreeSet::new));
        InvalidConfigException.check(
                permission.vendor().equals("*") || names.contains(permission.vendor()),
                key,
                () -> "there is no vendor " + permission.vendor() + "; there are " + names);
        Set<String> operations = vendors.stream()
                .filter(vendor ->
                        permission.vendor().equals("*") || permission.vendor().equals(vendor.name()))
                .flatMap(vendor -> operations(vendor).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        operations.addAll(Set.of("*", "read", "write"));
        InvalidConfigException.check(
                operations.contains(permission.operation()),
                key,
                () -> permission.vendor() + " has no operation " + permission.operation() + "; there are "
                        + operations);
    }
}
