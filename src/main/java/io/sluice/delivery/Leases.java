package io.sluice.delivery;

import io.sluice.store.StoreUnavailableException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The claims that this process holds, whose leases it prolongs. Thread-safe. */
final class Leases {
    private static final Logger LOG = Logger.getLogger(Leases.class);

    private final ClaimLetters claims;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Set<String> held = ConcurrentHashMap.newKeySet();

    Leases(ClaimLetters claims, DeliveriesConfig config, InstantSource clock) {
        this.claims = claims;
        this.config = config;
        this.clock = clock;
    }

    /** A claim that is held until it is closed. */
    @FunctionalInterface
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Held hold(String token) {
        held.add(token);
        return () -> held.remove(token);
    }

    /** Prolongs every claim; to be called several times in the time of a lease. */
    void prolong() {
        List<String> tokens = List.copyOf(held);
        if (tokens.isEmpty()) {
            return;
        }
        try {
            claims.prolong(tokens, clock.millis() + config.lease().toMillis());
        } catch (StoreUnavailableException e) {
            LOG.warnf("%d claims on letters cannot be prolonged: %s", tokens.size(), e.getMessage());
        }
    }
}
