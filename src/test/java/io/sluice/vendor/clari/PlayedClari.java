package io.sluice.vendor.clari;

import io.sluice.budget.window.Limiter;
import io.sluice.vendor.LimitConfig;
import io.sluice.vendor.OperationConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A configuration of one Clari organization, without any properties. */
final class PlayedClari {
    private PlayedClari() {}

    /** The account {@code default}, with those limits. */
    static ClariConfig config(Map<String, LimitConfig> limits) {
        record Account(URI url, String apiKey, Map<String, LimitConfig> limits) implements ClariConfig.Account {}
        record Config(
                Map<String, ClariConfig.Account> accounts,
                Map<String, OperationConfig> operations,
                Set<String> doneStates)
                implements ClariConfig {}
        return new Config(
                Map.of("default", new Account(URI.create("http://vendor"), "secret", limits)),
                Map.of(),
                Set.of("DONE"));
    }

    /** A limit of which only the permits are configured. */
    static LimitConfig permits(int permits) {
        record Permits(
                OptionalInt permits,
                Optional<Duration> window,
                Optional<Limiter> limiter,
                OptionalInt burst,
                Optional<Duration> tick)
                implements LimitConfig {}
        return new Permits(
                OptionalInt.of(permits), Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.empty());
    }
}
