package io.sluice.saas;

import io.sluice.InvalidConfigException;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** The configuration of one limit; options that are left out stay as the vendor documents them. */
public interface LimitConfig {
    /** How many calls the vendor allows in a window, or at once. */
    OptionalInt permits();

    /** The window; not for limits of calls in flight. */
    Optional<Duration> window();

    /** The vendor's way of counting. */
    Optional<Limiter> limiter();

    /** How many calls an idle limit takes at once; not with the limiter {@code unknown}. */
    OptionalInt burst();

    /** The resolution of the vendor's clock; 1 ms, unless its sheet says otherwise. */
    Optional<Duration> tick();

    /**
     * Applies the configuration to the documented limits of an account.
     *
     * @param key the configuration key of the account's limits, for messages
     * @throws InvalidConfigException if a limit is configured that the vendor does not have, or an impossible value
     */
    static List<Limit> apply(String key, List<Limit> documented, Map<String, LimitConfig> configured) {
        Map<String, Limit> byName = documented.stream().collect(Collectors.toMap(Limit::name, limit -> limit));
        configured.forEach((name, config) -> {
            Limit limit = byName.get(name);
            if (limit == null) {
                throw new InvalidConfigException(
                        key + "." + name,
                        "there is no such limit; there are "
                                + byName.keySet().stream().sorted().collect(Collectors.joining(", ")));
            }
            byName.put(name, changed(key + "." + name, limit, config));
        });
        List<Limit> limits = new ArrayList<>();
        documented.forEach(limit -> limits.add(byName.get(limit.name())));
        return limits;
    }

    private static Limit changed(String key, Limit limit, LimitConfig config) {
        config.permits()
                .ifPresent(permits -> InvalidConfigException.check(
                        permits >= 1, key + ".permits", () -> "must be at least 1: " + permits));
        config.window()
                .ifPresent(window -> InvalidConfigException.check(
                        window.isPositive(), key + ".window", () -> "must be longer than nothing: " + window));
        return switch (limit) {
            case Limit.Rate rate -> {
                Limiter limiter = config.limiter().orElse(rate.limiter());
                config.burst().ifPresent(burst -> {
                    InvalidConfigException.check(burst >= 1, key + ".burst", () -> "must be at least 1: " + burst);
                    InvalidConfigException.check(
                            limiter != Limiter.UNKNOWN,
                            key + ".burst",
                            () -> "does not go with " + key + ".limiter=unknown, which is paced evenly: say `window`");
                });
                try {
                    Limit.Rate changed = rate.changed(
                            config.permits().orElse(rate.permits()),
                            config.window().orElse(rate.window()),
                            limiter,
                            config.burst());
                    yield config.tick().map(changed::ticking).orElse(changed);
                } catch (IllegalArgumentException e) {
                    throw new InvalidConfigException(key, String.valueOf(e.getMessage()));
                }
            }
            case Limit.Concurrency inFlight -> {
                InvalidConfigException.check(
                        config.window().isEmpty()
                                && config.limiter().isEmpty()
                                && config.burst().isEmpty()
                                && config.tick().isEmpty(),
                        key,
                        () -> "counts calls in flight: it has permits and nothing else");
                yield new Limit.Concurrency(inFlight.name(), config.permits().orElse(inFlight.permits()));
            }
        };
    }
}
