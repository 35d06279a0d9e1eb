package io.sluice.store;

import io.sluice.InvalidConfigException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The leases that this process holds on rows of the database: renews them, and says which are still valid. Thread-safe.
 *
 * <p>A lease says until when no other process works on a row, which the row itself says too; how it does so is the
 * {@link Renewer}'s. The last third of a lease is a margin: for a process that is stopped between the check and the
 * request that it sends, and for clocks that differ.
 */
public final class LeaseKeeper {
    private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);
    /** How many ticks a lease lasts at least: it is renewed at ticks, and some may fail or come late. */
    private static final int TICKS = 4;

    private final Renewer renewer;
    private final InstantSource clock;
    private final Duration duration;
    private final Map<String, Lease> held = new ConcurrentHashMap<>(); // by key

    /** Renews leases in the database. */
    @FunctionalInterface
    public interface Renewer {
        /**
         * Moves the end of one owner's leases, as far as they are its own still. Waits for the database.
         *
         * @return the keys of those that were renewed
         */
        Set<String> renew(String owner, Set<String> keys, Instant until);

        /**
         * Returns true if the database can tell that no other process has had the rows of a lease since. Then a lease
         * is renewed even after it has ended; else only as long as no clock can say that it has.
         */
        default boolean renewsEnded() {
            return false;
        }
    }

    public LeaseKeeper(Renewer renewer, InstantSource clock, Duration duration) {
        this.renewer = renewer;
        this.clock = clock;
        this.duration = duration;
    }

    /**
     * Checks the configured duration of leases against the interval at which they are renewed.
     *
     * @param prefix of both keys, {@code sluice.exports} for instance
     * @throws InvalidConfigException if a lease is shorter than four intervals
     */
    public static void check(String prefix, Duration lease, Duration pollInterval) {
        InvalidConfigException.check(
                lease.compareTo(pollInterval.multipliedBy(TICKS)) >= 0,
                prefix + ".lease",
                () -> "must be at least four times " + prefix + ".poll-interval, at which it is renewed: " + lease);
    }

    /**
     * Ends the leases of an earlier process at the start, if no other process can hold any. Waits for the database; if
     * that is away, the leases end by themselves.
     */
    public static void endAllAtStart(Database database, String of, Runnable endAll) {
        if (database.dialect().sharedByProcesses()) {
            return;
        }
        try {
            endAll.run();
        } catch (StoreUnavailableException e) {
            LOG.debugf(
                    "could not release %s leases of an earlier process, they expire by themselves: %s",
                    of, e.getMessage());
        }
    }

    /** A lease on one row, or on the rows of one claim. */
    public final class Lease implements AutoCloseable {
        private final String key;
        private final String owner;
        private volatile Instant until;

        private Lease(String key, String owner, Instant until) {
            this.key = key;
            this.owner = owner;
            this.until = until;
        }

        /** When it ends unless it is renewed. */
        public Instant until() {
            return until;
        }

        /**
         * Returns true if no other process can take a row over before a request could be connected and sent. A process
         * that has slept beyond the end of a lease must not send one. Never waits.
         */
        public boolean isValid() {
            return held.get(key) == this && clock.instant().isBefore(validUntil());
        }

        private Instant validUntil() {
            return until.minus(duration.dividedBy(3));
        }

        private boolean isRenewable() {
            return renewer.renewsEnded() || clock.instant().isBefore(validUntil());
        }

        /** Gives the lease up in this process; the row is left as it is. */
        @Override
        public void close() {
            held.remove(key, this);
        }
    }

    /** When a lease ends that begins now. */
    public Instant end() {
        return clock.instant().plus(duration);
    }

    /** How many leases are held. */
    public int size() {
        return held.size();
    }

    /**
     * Holds a lease from here on: to be called before a claim that it is for, or right after.
     *
     * @param owner tells the claim from all others, those of this process too
     * @return empty if this process holds a lease of that key already
     */
    public Optional<Lease> hold(String key, String owner, Instant until) {
        Lease lease = new Lease(key, owner, until);
        return held.putIfAbsent(key, lease) == null ? Optional.of(lease) : Optional.empty();
    }

    /**
     * Renews the leases of which more than a third has passed; to be called several times in the time of a lease. Waits
     * for the database.
     *
     * @throws StoreUnavailableException if the database is away; the leases stay as they are
     */
    public void renewAll() {
        Instant soon = clock.instant().plus(duration.multipliedBy(2).dividedBy(3));
        Map<String, Map<String, Lease>> ending = new TreeMap<>(); // by owner, by key
        for (Lease lease : held.values()) {
            if (!lease.until.isAfter(soon) && lease.isRenewable()) {
                ending.computeIfAbsent(lease.owner, first -> new TreeMap<>()).put(lease.key, lease);
            }
        }
        ending.forEach(this::renew);
    }

    private void renew(String owner, Map<String, Lease> leases) {
        Instant until = end();
        for (String key : renewer.renew(owner, new HashSet<>(leases.keySet()), until)) {
            Lease lease = leases.get(key);
            // Where ended leases are not renewed: only one that has not ended even now had certainly not ended when it
            // was renewed.
            if (lease != null && lease.isRenewable()) {
                lease.until = until;
            }
        }
    }
}
