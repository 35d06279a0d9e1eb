package io.sluice.export;

import io.sluice.FailureLog;
import io.sluice.export.Exporter.RetryLaterException;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The monitor of the slots of an account at its vendor: polls how many are taken, and updates the exporter, which
 * counts them against the budget. Thread-safe.
 */
final class SlotMonitor {
    private static final Logger LOG = Logger.getLogger(SlotMonitor.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final SlotStore store;
    private final ExportsConfig config;
    private final InstantSource clock;
    private final Executor threads;
    private final BiConsumer<Exporter, String> onReport;
    private final Set<String> polling = ConcurrentHashMap.newKeySet(); // accounts
    private final Map<String, String> submitting = new ConcurrentHashMap<>(); // jobs, by account

    /**
     * @param onReport called with an exporter and its account once the vendor has reported a change of its slots, in a
     *     thread of {@code threads}
     */
    SlotMonitor(
            SlotStore store,
            ExportsConfig config,
            InstantSource clock,
            Executor threads,
            BiConsumer<Exporter, String> onReport) {
        this.store = store;
        this.config = config;
        this.clock = clock;
        this.threads = threads;
        this.onReport = onReport;
    }

    /**
     * The current slots of an account, of which the exporter is updated too; also starts a poll of the vendor if one is
     * due, in a thread of its own.
     *
     * @return empty as long as no export was requested for the account
     */
    Optional<SlotStore.Slots> slots(Exporter exporter, String account) {
        Optional<SlotAware> vendor = exporter.slotAware();
        String teamToCharge =
                vendor.flatMap(slotAware -> slotAware.teamToCharge(account)).orElse(null);
        if (teamToCharge != null) {
            store.watch(exporter.vendor(), account, exporter.slots());
        }
        // Each time, since another process may have changed them.
        Optional<SlotStore.Slots> slots = updateExporter(exporter, account);
        if (vendor.isPresent() && slots.isPresent() && polling.add(name(exporter, account))) {
            boolean polled = false;
            try {
                polled = pollIfDue(exporter, vendor.get(), account, slots.get(), teamToCharge);
            } finally {
                if (!polled) {
                    polling.remove(name(exporter, account));
                }
            }
        }
        return slots;
    }

    private boolean pollIfDue(
            Exporter exporter, SlotAware vendor, String account, SlotStore.Slots slots, @Nullable String teamToCharge) {
        Instant now = clock.instant();
        Duration every = slots.full(now) || teamToCharge != null ? config.slotPollWhenFull() : config.slotPoll();
        Optional<String> team = store.claimPoll(exporter.vendor(), account, now.minus(every), now, teamToCharge);
        team.ifPresent(payer -> threads.execute(() -> {
            try {
                poll(exporter, vendor, account, payer);
            } finally {
                polling.remove(name(exporter, account));
            }
        }));
        return team.isPresent();
    }

    private void poll(Exporter exporter, SlotAware vendor, String account, String team) {
        try {
            SlotAware.Capacity capacity = vendor.capacity(account, team);
            failures.succeeded("slot poll of " + name(exporter, account));
            store.learn(exporter.vendor(), account, team, capacity, clock.instant());
            updateExporter(exporter, account, true);
            onReport.accept(exporter, account);
        } catch (RetryLaterException e) {
            failures.failed("slot poll of " + name(exporter, account), () -> String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            LOG.debugf("could not store slots: account=%s: %s", name(exporter, account), e.getMessage());
        }
    }

    /** Schedules a poll after a job was given up, which may or may not have left its slot at the vendor. */
    void jobGivenUp(Job job) {
        try {
            store.pollSoon(job.spec().vendor(), job.spec().account());
        } catch (StoreUnavailableException e) {
            // That it was given up is stored; the vendor is polled at the next interval anyway.
            LOG.debugf("could not schedule slot poll: job=%s: %s", job.id(), e.getMessage());
        }
    }

    /** Marks a job's request as being sent: it holds its permit itself, and must not wait for its own slot. */
    void submitting(Exporter exporter, Job job) {
        String account = job.spec().account();
        submitting.put(name(exporter, account), job.id());
        // It may have been counted since it was claimed.
        updateExporter(exporter, account);
    }

    /** Marks a job's request as sent. */
    void submitted(Exporter exporter, Job job) {
        submitting.remove(name(exporter, job.spec().account()), job.id());
    }

    /** Marks the job of the latest request, if there is one, as counted in the numbers that the exporter has. */
    void submissionCounted(Exporter exporter, String account) {
        exporter.slotAware().ifPresent(vendor -> vendor.submissionCounted(account));
    }

    /** Updates the exporter with the number of slots taken. */
    Optional<SlotStore.Slots> updateExporter(Exporter exporter, String account) {
        return updateExporter(exporter, account, false);
    }

    /** One at a time, so that the last update is the latest state. */
    private synchronized Optional<SlotStore.Slots> updateExporter(Exporter exporter, String account, boolean polled) {
        // Read first: a request that ends meanwhile is counted once too often rather than not at all.
        boolean isSubmitting = submitting.containsKey(name(exporter, account));
        Optional<SlotStore.Slots> slots = store.of(exporter.vendor(), account);
        slots.ifPresent(found ->
                exporter.slotAware().ifPresent(vendor -> report(vendor, account, found, isSubmitting, polled)));
        return slots;
    }

    private static void report(
            SlotAware vendor, String account, SlotStore.Slots slots, boolean isSubmitting, boolean polled) {
        vendor.slotsChanged(
                account,
                slots.reported() ? (Integer) slots.slots() : null,
                slots.others()
                        + slots.taken().running()
                        + (isSubmitting ? 0 : slots.taken().submitting()),
                slots.others(),
                polled);
    }

    private static String name(Exporter exporter, String account) {
        return exporter.vendor() + "/" + account;
    }
}
