package io.sluice.saas;

import io.sluice.InvalidConfigException;
import io.sluice.budget.window.Limit;
import io.sluice.call.Operation;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The rate limit backstops of a vendor: values that make the {@code @RateLimit} of each interface method follow the
 * configured accounts, as configuration that takes precedence over the annotation's documented number.
 *
 * <p>The annotation is a backstop: it counts an operation of all accounts in this process, never waits, and is to trip
 * only if the budget, which does the pacing, is broken. So it stands well above what the accounts together are allowed:
 * {@value #ROOM} times, which also leaves room for limits that are raised while Sluice runs, since fault tolerance
 * reads its configuration only once.
 *
 * <p>Each vendor produces one as a bean, {@link io.quarkus.arc.Unremovable} because {@link RateLimitBackstopConfig}
 * looks it up, from its configuration mapping, so that the configuration is read in one way and once. An operation's
 * method has its name, in camel case.
 */
public final class RateLimitBackstops {
    private static final int ROOM = 10;

    private static final Pattern HYPHENATED = Pattern.compile("-([a-z])");

    private final Map<String, String> properties;

    /** @param limits each account's limits */
    public RateLimitBackstops(
            List<Class<?>> apis, List<Operation> operations, Supplier<Map<String, List<Limit>>> limits) {
        this.properties =
                Map.copyOf(backstops(apis, operations, configured(limits).values()));
    }

    /** The properties for all methods of the vendor's interfaces. */
    Map<String, String> properties() {
        return properties;
    }

    /**
     * The limits of each account; empty if they are invalid: start-up fails with that error once the vendor itself is
     * created.
     */
    private static Map<String, List<Limit>> configured(Supplier<Map<String, List<Limit>>> limits) {
        try {
            return limits.get();
        } catch (InvalidConfigException later) {
            return Map.of();
        }
    }

    private static Map<String, String> backstops(
            List<Class<?>> apis, List<Operation> operations, Collection<List<Limit>> accounts) {
        Map<String, String> properties = new HashMap<>();
        for (Operation operation : operations) {
            tightest(operation, accounts).ifPresent(backstop -> {
                for (Class<?> api : apis) {
                    String key = "quarkus.fault-tolerance.\"" + api.getName() + "$$CDIWrapper/"
                            + methodOf(operation.name()) + "\".rate-limit.";
                    properties.put(key + "value", Integer.toString(backstop.permits()));
                    properties.put(
                            key + "window", Long.toString(backstop.window().toMillis()));
                    properties.put(key + "window-unit", "millis");
                }
            });
        }
        return properties;
    }

    /** The name of the interface method that makes an operation's calls. */
    static String methodOf(String operation) {
        return HYPHENATED
                .matcher(operation)
                .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    }

    private record Backstop(int permits, Duration window) {}

    /** The narrowest of the limits that each of the operation's calls counts against, over all accounts. */
    private static Optional<Backstop> tightest(Operation operation, Collection<List<Limit>> accounts) {
        return operation.uses().stream()
                .filter(use -> use.per().isEmpty())
                .map(use -> backstop(use.limit(), accounts))
                .flatMap(Optional::stream)
                .min(Comparator.comparingDouble(backstop ->
                        (double) backstop.permits() / backstop.window().toMillis()));
    }

    private static Optional<Backstop> backstop(String limit, Collection<List<Limit>> accounts) {
        List<Limit.Rate> rates = accounts.stream()
                .flatMap(List::stream)
                .filter(candidate -> candidate.name().equals(limit))
                .filter(Limit.Rate.class::isInstance)
                .map(Limit.Rate.class::cast)
                .toList();
        if (rates.isEmpty()) {
            return Optional.empty();
        }
        Duration window = Collections.max(rates.stream().map(Limit.Rate::window).toList());
        long permits = rates.stream()
                .mapToLong(rate -> (long) rate.permits()
                                * Math.ceilDiv(window.toMillis(), rate.window().toMillis())
                        + rate.burst())
                .sum();
        return Optional.of(new Backstop((int) Math.min(Integer.MAX_VALUE, permits * ROOM), window));
    }
}
