package io.sluice.gateway;

import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.call.CallMeters;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.metrics.Tag;

/**
 * The gauges of the circuit breakers, one for each operation of an account; registered when its breaker opens for the
 * first time, since there are many operations and most breakers never open.
 */
@Singleton
public class CircuitGauges {
    private record Series(AccountId account, String operation) {}

    private final Set<Series> shown = ConcurrentHashMap.newKeySet();

    void show(@Observes StartupEvent starting, CircuitBreakers breakers, CallMeters meters) {
        breakers.whenOpened((account, operation) -> {
            Series series = new Series(account, operation);
            if (shown.add(series)) {
                show(series, breakers, meters);
            }
        });
    }

    private static void show(Series series, CircuitBreakers breakers, CallMeters meters) {
        meters.gauge(
                "sluice_circuit_open",
                "1 while the circuit breaker of the operation is open, for all teams or for one",
                breakers,
                seen -> seen.open().stream()
                                .anyMatch(open -> open.account().equals(series.account())
                                        && open.operation().equals(series.operation()))
                        ? 1
                        : 0,
                new Tag("vendor", series.account().vendor()),
                new Tag("account", series.account().account()),
                new Tag("operation", series.operation()));
    }
}
