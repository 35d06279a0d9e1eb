package io.sluice.web;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Gives every HTTP server's meters the tag with its port. The framework leaves it out of those of a server that takes any
 * free port, and Prometheus refuses a meter whose tags differ from another's of the same name: the second of our two servers
 * would never start to listen.
 */
@Singleton
public class ServerPortTag {
    private static final String PORT = "server.port";

    /** All that the framework tags with the port. */
    private static final Set<String> NAMES = Set.of(
            "http.server.bytes.read",
            "http.server.bytes.written",
            "http.server.connections",
            "http.server.active.connections",
            "http.server.active.requests");

    @Produces
    @Singleton
    MeterFilter ports() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return NAMES.contains(id.getName()) && id.getTag(PORT) == null ? id.withTag(Tag.of(PORT, "any")) : id;
            }
        };
    }
}
