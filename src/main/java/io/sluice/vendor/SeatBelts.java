package io.sluice.vendor;

import io.quarkus.runtime.configuration.DurationConverter;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Limit;
import io.sluice.call.Operation;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceContext.ConfigSourceContextConfigSource;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Makes the {@code @RateLimit} of each interface method follow the configured accounts, as configuration that overrides
 * the annotation's documented number.
 *
 * <p>The annotation is a seat belt: it counts an operation of all accounts in this process, never waits, and is to trip
 * only if the budget, which does the pacing, is broken. So it stands well above what the accounts together are allowed:
 * {@value #ROOM} times, which also leaves room for limits that are raised while Sluice runs, since fault tolerance reads
 * its configuration only once.
 *
 * <p>One subclass for each vendor, made before there are beans. An operation's method has its name, in camel case.
 *
 * @param <C> the vendor's configuration
 */
public abstract class SeatBelts<C> implements ConfigSourceFactory {
    private static final int ROOM = 10;
    /** Above what Quarkus reads from files, below what an operator sets by environment or system property. */
    private static final int ORDINAL = 270;

    private static final Pattern HYPHENATED = Pattern.compile("-([a-z])");

    private final Class<C> mapping;
    private final List<Class<?>> apis;
    private final List<Operation> operations;

    protected SeatBelts(Class<C> mapping, List<Class<?>> apis, List<Operation> operations) {
        this.mapping = mapping;
        this.apis = List.copyOf(apis);
        this.operations = List.copyOf(operations);
    }

    /** Each account's limits. */
    protected abstract Map<String, List<Limit>> limits(C config);

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        Optional<C> config = read(context);
        if (config.isEmpty()) {
            return List.of();
        }
        try {
            return List.of(new PropertiesConfigSource(
                    belts(limits(config.get()).values()), "seat belts of " + mapping.getSimpleName(), ORDINAL));
        } catch (InvalidConfigException later) {
            // Start-up stops for it in one line, once the configuration that it is read from is there.
            return List.of();
        }
    }

    /** The properties for all methods of the vendor's interfaces. */
    Map<String, String> belts(Collection<List<Limit>> accounts) {
        Map<String, String> properties = new HashMap<>();
        for (Operation operation : operations) {
            tightest(operation, accounts).ifPresent(belt -> {
                for (Class<?> api : apis) {
                    String key = "quarkus.fault-tolerance.\"" + api.getName() + "$$CDIWrapper/"
                            + methodOf(operation.name()) + "\".rate-limit.";
                    properties.put(key + "value", Integer.toString(belt.permits()));
                    properties.put(key + "window", Long.toString(belt.window().toMillis()));
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

    private record Belt(int permits, Duration window) {}

    /** The narrowest of the limits that each of the operation's calls counts against, over all accounts. */
    private static Optional<Belt> tightest(Operation operation, Collection<List<Limit>> accounts) {
        return operation.uses().stream()
                .filter(use -> use.per().isEmpty())
                .map(use -> belt(use.limit(), accounts))
                .flatMap(Optional::stream)
                .min(Comparator.comparingDouble(
                        belt -> (double) belt.permits() / belt.window().toMillis()));
    }

    private static Optional<Belt> belt(String limit, Collection<List<Limit>> accounts) {
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
        return Optional.of(new Belt((int) Math.min(Integer.MAX_VALUE, permits * ROOM), window));
    }

    /** The vendor's configuration, or nothing where it cannot be right: start-up will say so, better than we could. */
    private Optional<C> read(ConfigSourceContext context) {
        List<String> profiles = new ArrayList<>(context.getProfiles());
        Collections.reverse(profiles);
        try {
            SmallRyeConfig config = new SmallRyeConfigBuilder()
                    .addDefaultInterceptors()
                    .withProfiles(profiles)
                    .withSources(new ConfigSourceContextConfigSource(context))
                    .withConverter(Duration.class, 100, new DurationConverter())
                    .withMapping(mapping)
                    .build();
            return Optional.of(config.getConfigMapping(mapping));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
