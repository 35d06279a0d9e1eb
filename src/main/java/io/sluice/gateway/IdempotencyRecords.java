package io.sluice.gateway;

import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.call.IdempotencyConfig;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.idempotency.IdempotencyStore.Lookup;
import io.sluice.store.StoreUnavailableException;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The durable idempotency records of calls: stored before the call, so that repetitions are recognized over restarts
 * and in other processes.
 */
@Singleton
class IdempotencyRecords {
    private static final Logger LOG = Logger.getLogger(IdempotencyRecords.class);

    private final IdempotencyStore store;
    private final IdempotencyConfig config;
    private final Duration maxWait;
    private final InstantSource clock;
    private final Timer timer;
    private final String process;

    IdempotencyRecords(IdempotencyStore store, GatewayConfig config, InstantSource clock, Timer timer, Ulids ids) {
        this.store = store;
        this.config = config.idempotency();
        this.maxWait = config.permitWait().max();
        this.clock = clock;
        this.timer = timer;
        this.process = ids.next() + "/";
    }

    /** Returns the record of a call with an {@code Idempotency-Key}, which is kept for long. */
    IdempotencyRecord keyed(MountCall incoming, String key, String fingerprint) {
        return new IdempotencyRecord(incoming, key, fingerprint, config.retention(), null);
    }

    /** Returns the record of a call that SDKs repeat without a key: its fingerprint is its name, for a while. */
    IdempotencyRecord nameless(MountCall incoming, String fingerprint) {
        // No Idempotency-Key can have this name.
        String name = "\n" + fingerprint;
        return new IdempotencyRecord(
                incoming, name, fingerprint, maxWait.plus(config.retryWindow()), config.retryWindow());
    }

    /** The record of one call. Not thread-safe. */
    final class IdempotencyRecord {
        private final String team;
        private final String name;
        private final String fingerprint;
        private final String token;
        private final Duration kept;
        private final @Nullable Duration keptOnceAnswered;

        private boolean begun;

        private IdempotencyRecord(
                MountCall incoming,
                String name,
                String fingerprint,
                Duration kept,
                @Nullable Duration keptOnceAnswered) {
            this.team = incoming.team().name();
            this.name = name;
            this.fingerprint = fingerprint;
            this.token = process + incoming.request().id();
            this.kept = kept;
            this.keptOnceAnswered = keptOnceAnswered;
        }

        /**
         * Begins a call unless it is known; if it is, it must not be made. Waits for one that another process may have
         * under way: from its beginning, as long as an SDK's repetition gets its response.
         *
         * <p>A call of this process is not waited for: it is in memory, or over.
         *
         * @param waiting whether the caller still waits
         * @throws StoreUnavailableException if the database is away
         */
        Lookup begin(BooleanSupplier waiting) throws InterruptedException {
            while (true) {
                long now = clock.millis();
                Lookup lookup = store.begin(team, name, fingerprint, token, now, now + kept.toMillis());
                begun = lookup instanceof Lookup.New;
                if (!(lookup instanceof Lookup.InProgress first) || !underWay(first, now) || !waiting.getAsBoolean()) {
                    return lookup;
                }
                timer.pause(config.pollInterval());
            }
        }

        private boolean underWay(Lookup.InProgress first, long now) {
            long since = first.keepUntil() - kept.toMillis();
            return store.shared()
                    && !first.owner().startsWith(process)
                    && now < since + config.retryWindow().toMillis();
        }

        /**
         * Begins a call as if it were not known.
         *
         * @throws StoreUnavailableException if the database is away
         */
        void restart() {
            store.restart(team, name, fingerprint, token, clock.millis() + kept.toMillis());
            begun = true;
        }

        /** Stores the result of the call, if it was begun; without a response it was not executed. */
        void end(@Nullable RecordedResponse answer) {
            if (!begun) {
                return;
            }
            try {
                if (answer != null) {
                    store.complete(team, name, token, answer.stored(), keepUntil());
                } else {
                    store.abort(team, name, token);
                }
            } catch (StoreUnavailableException e) {
                // The caller has its response; a repetition gets the reply that the outcome is unknown.
                LOG.debugf("could not store idempotency record: team=%s: %s", team, e.getMessage());
            }
        }

        private OptionalLong keepUntil() {
            return keptOnceAnswered == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(clock.millis() + keptOnceAnswered.toMillis());
        }
    }
}
