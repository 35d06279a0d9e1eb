package io.sluice.export.slots;

import io.sluice.AccountId;
import io.sluice.FailureLog;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.Job;
import io.sluice.export.job.SlotAware;
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
public final class SlotMonitor {
    private static final Logger LOG = Logger.getLogger(SlotMonitor.class);

    private final FailureLog failures = new FailureLog(LOG);

    private final SlotStore store;
    private final ExportsConfig config;
    private final InstantSource clock;
    private final Executor threads;
    private final BiConsumer<Exporter, AccountId> onReport;
    private final Set<AccountId> polling = ConcurrentHashMap.newKeySet();
    private final Map<AccountId, String> submitting = new ConcurrentHashMap<>(); // jobs, by account

    /**
     * @param onReport called with an exporter and its account once the vendor has reported a change of its slots, in a
     *     thread of {@code threads}
     */
    public SlotMonitor(
            SlotStore store,
            ExportsConfig config,
            InstantSource clock,
            Executor threads,
            BiConsumer<Exporter, AccountId> onReport) {
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
    public Optional<SlotStore.Slots> slots(Exporter exporter, AccountId account) {
        Optional<SlotAware> vendor = exporter.slotAware();
        String teamToCharge = vendor.flatMap(slotAware -> slotAware.teamToCharge(account.account()))
                .orElse(null);
        if (teamToCharge != null) {
            store.watch(account, exporter.slots());
        }
        // Each time, since another process may have changed them.
        Optional<SlotStore.Slots> slots = updateExporter(exporter, account);
        if (vendor.isPresent() && slots.isPresent() && polling.add(account)) {
            boolean polled = false;
            try {
                polled = pollIfDue(exporter, vendor.get(), account, slots.get(), teamToCharge);
            } finally {
                if (!polled) {
                    polling.remove(account);
                }
            }
        }
        return slots;
    }

    private boolean pollIfDue(
            Exporter exporter,
            SlotAware vendor,
            AccountId account,
            SlotStore.Slots slots,
            @Nullable String teamToCharge) {
        Instant now = clock.instant();
        Duration every = slots.full(now) || teamToCharge != null ? config.slotPollWhenFull() : config.slotPoll();
        Optional<String> team = store.claimPoll(account, now.minus(every), now, teamToCharge);
        team.ifPresent(payer -> threads.execute(() -> {
            try {
                poll(exporter, vendor, account, payer);
            } finally {
                polling.remove(account);
            }
        }));
        return team.isPresent();
    }

    private void poll(Exporter exporter, SlotAware vendor, AccountId account, String team) {
        try {
            SlotAware.Capacity capacity = vendor.capacity(account.account(), team);
            failures.succeeded("slot poll of " + account);
            store.learn(account, team, capacity, clock.instant());
            updateExporter(exporter, account, true);
            onReport.accept(exporter, account);
        } catch (RetryLaterException e) {
            failures.failed("slot poll of " + account, () -> String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            LOG.debugf("could not store slots: account=%s: %s", account, e.getMessage());
        }
    }

    /** Schedules a poll after a job was given up, which may or may not have left its slot at the vendor. */
    public void jobGivenUp(Job job) {
        try {
            store.pollSoon(job.spec().account());
        } catch (StoreUnavailableException e) {
            // That it was given up is stored; the vendor is polled at the next interval anyway.
            LOG.debugf("could not schedule slot poll: job=%s: %s", job.id(), e.getMessage());
        }
    }

    /** Marks a job's request as being sent: it holds its permit itself, and must not wait for its own slot. */
    public void submitting(Exporter exporter, Job job) {
        AccountId account = job.spec().account();
        submitting.put(account, job.id());
        // It may have been counted since it was claimed.
        updateExporter(exporter, account);
    }

    /** Marks a job's request as sent. */
    public void submitted(Exporter exporter, Job job) {
        submitting.remove(job.spec().account(), job.id());
    }

    /** Marks the job of the latest request, if there is one, as counted in the numbers that the exporter has. */
    public void submissionCounted(Exporter exporter, AccountId account) {
        exporter.slotAware().ifPresent(vendor -> vendor.submissionCounted(account.account()));
    }

    /** Updates the exporter with the number of slots taken. */
    public Optional<SlotStore.Slots> updateExporter(Exporter exporter, AccountId account) {
        return updateExporter(exporter, account, false);
    }

    /** One at a time, so that the last update is the latest state. */
    private synchronized Optional<SlotStore.Slots> updateExporter(
            Exporter exporter, AccountId account, boolean polled) {
        // Read first: a request that ends meanwhile is counted once too often rather than not at all.
        boolean isSubmitting = submitting.containsKey(account);
        Optional<SlotStore.Slots> slots = store.of(account);
        slots.ifPresent(found ->
                exporter.slotAware().ifPresent(vendor -> report(vendor, account, found, isSubmitting, polled)));
        return slots;
    }

    private static void report(
            SlotAware vendor, AccountId account, SlotStore.Slots slots, boolean isSubmitting, boolean polled) {
        vendor.slotsChanged(
                account.account(),
                slots.reported() ? (Integer) slots.slots() : null,
                slots.others()
                        + slots.taken().running()
                        + (isSubmitting ? 0 : slots.taken().submitting()),
                slots.others(),
                polled);
    }
}
