package io.sluice.delivery;

import io.sluice.store.StoreUnavailableException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The claims that this process holds, whose leases it prolongs. Thread-safe. */
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

    /** A claim that is held until it is closed. */
    final class HeldLease implements AutoCloseable {
        private final String token;

        private HeldLease(String token) {
            this.token = token;
        }

        /** When the claim ends unless it is prolonged. */
        long until() {
            return held.getOrDefault(token, 0L);
        }

        /**
         * Whether nobody else can claim any of its messages for a good while, in which a request can be connected and sent.
         * Whoever has slept beyond the end of the lease must not send them: what follows them may be delivered already.
         */
        boolean isValid() {
            return clock.millis() < lastSend(until());
        }

        @Override
        public void close() {
            held.remove(token);
        }
    }

    /** A third of a lease is for what is on its way to the vendor, and for clocks that differ. */
    private long lastSend(long until) {
        return until - config.lease().toMillis() / 3;
    }

    /** Holds a claim that is made after this returns. */
    HeldLease hold(String token) {
        held.put(token, clock.millis() + config.lease().toMillis());
        return new HeldLease(token);
    }

    /** Prolongs every claim that has not ended; to be called several times in the time of a lease. */
    void renewAll() {
        held.forEach((token, until) -> {
            long now = clock.millis();
            if (now >= lastSend(until)) {
                return; // some of its messages may be somebody else's, whose clock is ahead of this one
            }
            long next = now + config.lease().toMillis();
            try {
                // What is prolonged when it has not ended even now had not ended then.
                if (claimer.renew(token, next) && clock.millis() < lastSend(until)) {
                    held.replace(token, until, next);
                }
            } catch (StoreUnavailableException e) {
                LOG.debugf("delivery lease renewal failed: %s", e.getMessage());
            }
        });
    }
}
