package io.sluice.export;

import io.sluice.FailureLog;
import io.sluice.export.Exporter.Capacity;
import io.sluice.export.Exporter.NotNowException;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Knows how many of an account's slots at the vendor are taken: asks the vendor now and then, and tells the exporter, which
 * counts them against the budget. Thread-safe.
 */
final class SlotWatch {
    private static final Logger LOG = Logger.getLogger(SlotWatch.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final SlotStore store;
    private final ExportsConfig config;
    private final InstantSource clock;
    private final Executor threads;
    private final BiConsumer<Exporter, String> learned;
    private final Set<String> asking = ConcurrentHashMap.newKeySet(); // accounts
    private final Map<String, String> ordering = new ConcurrentHashMap<>(); // jobs, by account

    /**
     * @param learned told of an exporter and its account once the vendor has said something new of its slots, in a thread of
     *     {@code threads}
     */
    SlotWatch(
            SlotStore store,
            ExportsConfig config,
            InstantSource clock,
            Executor threads,
            BiConsumer<Exporter, String> learned) {
        this.store = store;
        this.config = config;
        this.clock = clock;
        this.threads = threads;
        this.learned = learned;
    }

    /**
     * An account's slots as they stand, of which the exporter hears too; and has the vendor asked for them if it is time to, in a
     * thread of its own.
     *
     * @return empty as long as nobody has ordered anything
     */
    Optional<SlotStore.Slots> slots(Exporter exporter, String account) {
        Optional<String> watched = exporter.watched(account);
        if (watched.isPresent()) {
            store.watch(exporter.vendor(), account, exporter.slots());
        }
        // Each time, since they may have changed by what another process does.
        Optional<SlotStore.Slots> slots = tell(exporter, account);
        if (slots.isPresent() && asking.add(name(exporter, account))) {
            boolean asked = false;
            try {
                asked = ask(exporter, account, slots.get(), watched);
            } finally {
                if (!asked) {
                    asking.remove(name(exporter, account));
                }
            }
        }
        return slots;
    }

    private boolean ask(Exporter exporter, String account, SlotStore.Slots slots, Optional<String> watched) {
        Instant now = clock.instant();
        Duration every = slots.full(now) || watched.isPresent() ? config.refreshWaiting() : config.refresh();
        Optional<String> team = store.claimAsking(exporter.vendor(), account, now.minus(every), now, watched);
        team.ifPresent(payer -> threads.execute(() -> {
            try {
                asked(exporter, account, payer);
            } finally {
                asking.remove(name(exporter, account));
            }
        }));
        return team.isPresent();
    }

    private void asked(Exporter exporter, String account, String team) {
        try {
            Optional<Capacity> capacity = exporter.capacity(account, team);
            failures.succeeded("slot poll of " + name(exporter, account));
            if (capacity.isPresent()) {
                store.learn(exporter.vendor(), account, team, capacity.get(), clock.instant());
                tell(exporter, account, true);
                learned.accept(exporter, account);
            }
        } catch (NotNowException e) {
            failures.failed("slot poll of " + name(exporter, account), () -> String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            LOG.debugf("the slots of %s are not kept: %s", name(exporter, account), e.getMessage());
        }
    }

    /** Says that a job was given up, which may or may not have left its slot at the vendor. */
    void givenUp(Job job) {
        try {
            store.askSoon(job.spec().vendor(), job.spec().account());
        } catch (StoreUnavailableException e) {
            // That it was given up is stored; the vendor is asked when it is time to.
            LOG.debugf("nobody asks for the slot of %s now: %s", job.id(), e.getMessage());
        }
    }

    /** Says that a job's order is being sent: it holds its permit itself, and must not wait for its own slot. */
    void ordering(Exporter exporter, Job job) {
        String account = job.spec().account();
        ordering.put(name(exporter, account), job.id());
        // It may have been counted since it was claimed.
        tell(exporter, account);
    }

    /** Says that a job's order has been sent. */
    void ordered(Exporter exporter, Job job) {
        ordering.remove(name(exporter, job.spec().account()), job.id());
    }

    /** Tells the exporter how many slots are taken. */
    Optional<SlotStore.Slots> tell(Exporter exporter, String account) {
        return tell(exporter, account, false);
    }

    /** One at a time, so that the last word is the latest. */
    private synchronized Optional<SlotStore.Slots> tell(Exporter exporter, String account, boolean asked) {
        // Looked at first: an order that ends meanwhile is counted once too often rather than not at all.
        boolean isOrdering = ordering.containsKey(name(exporter, account));
        Optional<SlotStore.Slots> slots = store.of(exporter.vendor(), account);
        slots.ifPresent(found -> exporter.occupied(
                account,
                found.learned() ? OptionalInt.of(found.slots()) : OptionalInt.empty(),
                found.others()
                        + found.taken().running()
                        + (isOrdering ? 0 : found.taken().submitting()),
                found.others(),
                asked));
        return slots;
    }

    private static String name(Exporter exporter, String account) {
        return exporter.vendor() + "/" + account;
    }
}
