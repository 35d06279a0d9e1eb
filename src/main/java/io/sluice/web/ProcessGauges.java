package io.sluice.web;

import io.quarkus.runtime.StartupEvent;
import io.sluice.ProcessConfig;
import io.sluice.call.CallMeters;
import io.sluice.store.Database;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.metrics.Tag;

/** The gauges of the process: its version and roles, and the availability of its database. */
@Singleton
public class ProcessGauges {
    private final String version;

    ProcessGauges(@ConfigProperty(name = "quarkus.application.version") String version) {
        this.version = version;
    }

    void show(@Observes StartupEvent starting, CallMeters meters, ProcessConfig process, Database database) {
        meters.gauge(
                "sluice_info",
                "1, with the process's version and roles as tags",
                this,
                seen -> 1,
                new Tag("version", version),
                new Tag("mode", lower(process.mode())),
                new Tag("store", lower(database.kind())),
                new Tag(
                        "roles",
                        process.roles().stream()
                                .map(ProcessGauges::lower)
                                .sorted()
                                .collect(Collectors.joining(","))));
        meters.gauge(
                "sluice_database_up",
                "1 if the database answered when it was last used, 0 if not",
                database,
                seen -> seen.isAvailable() ? 1 : 0);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
