package io.sluice.delivery;

import io.sluice.store.StoreUnavailableException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The leases of the claims that this process holds; renews them. Thread-safe. */
final class Leases {
    private static final Logger LOG = Logger.getLogger(Leases.class);

    private final MessageClaimer claimer;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Map<String, Long> held = new ConcurrentHashMap<>(); // by token; until when

    Leases(MessageClaimer claimer, DeliveriesConfig config, InstantSource clock) {
        this.claimer = claimer;
        this.config = config;
        this.clock = clock;
    }

    /** A lease that is held until it is closed. */
    final class HeldLease implements AutoCloseable {
        private final String token;

        private HeldLease(String token) {
            this.token = token;
        }

        /** When the claim ends unless it is renewed, in epoch milliseconds. */
        long until() {
            return held.getOrDefault(token, 0L);
        }

        /**
         * True if no other process can claim one of its messages before a request could be connected and sent. A worker
         * that has slept beyond the end of the lease must not send them: later messages of the same key may be
         * delivered already.
         */
        boolean isValid() {
            return clock.millis() < lastSend(until());
        }

        @Override
        public void close() {
            held.remove(token);
        }
    }

    /** The last moment to send; a third of a lease is kept for calls under way, and for clocks that differ. */
    private long lastSend(long until) {
        return until - config.lease().toMillis() / 3;
    }

    /** Holds the lease of a claim that is made after this returns. */
    HeldLease hold(String token) {
        held.put(token, clock.millis() + config.lease().toMillis());
        return new HeldLease(token);
    }

    /** Renews every lease that has not ended; to be called several times in the time of a lease. */
    void renewAll() {
        held.forEach((token, until) -> {
            long now = clock.millis();
            if (now >= lastSend(until)) {
                return; // another process, whose clock is ahead of this one, may have claimed some of its messages
            }
            long next = now + config.lease().toMillis();
            try {
                // Only a lease that has not ended even now had certainly not ended when it was renewed.
                if (claimer.renew(token, next) && clock.millis() < lastSend(until)) {
                    held.replace(token, until, next);
                }
            } catch (StoreUnavailableException e) {
                LOG.debugf("delivery lease renewal failed: %s", e.getMessage());
            }
        });
    }
}
