package io.sluice.export;

import io.sluice.Ulids;
import io.sluice.export.Exporter.NotNowException;
import io.sluice.export.JobState.Done;
import io.sluice.store.StoreUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * What one process does for exports: claims jobs, has their steps taken, stores what came of them, and keeps its leases
 * alive meanwhile. The cost of a tick grows with what is due, not with what there is. Thread-safe.
 */
final class ExportWork {
    private static final Logger LOG = Logger.getLogger(ExportWork.class);
    /** How many files are deleted in one tick. */
    private static final int DELETIONS = 100;

    private static final Duration AFTER_BUG = Duration.ofSeconds(30);
    private static final Duration CLEANING = Duration.ofMinutes(1);

    private final ExportStore store;
    private final Map<String, Exporter> exporters = new HashMap<>();
    private final ResultFiles files;
    private final FileFetch fetch;
    private final ExportsConfig config;
    private final ExportMeters meters;
    private final InstantSource clock;
    private final JobSteps steps;
    private final Executor threads;
    private final String owner;

    private final Map<String, Instant> leases = new ConcurrentHashMap<>(); // by job; until when
    private final Map<String, Outcome> unsaved = new ConcurrentHashMap<>(); // by job
    private final Set<String> ordering = ConcurrentHashMap.newKeySet(); // accounts
    private final Map<String, Boolean> asking = new ConcurrentHashMap<>(); // by account
    private volatile Instant sweepAt = Instant.MIN;
    private volatile Instant cleanAt = Instant.MIN;

    ExportWork(
            ExportStore store,
            List<Exporter> exporters,
            ResultFiles files,
            ExportsConfig config,
            ExportMeters meters,
            InstantSource clock,
            RandomGenerator random,
            Ulids ids,
            Executor threads) {
        this.store = store;
        exporters.forEach(exporter -> this.exporters.put(exporter.vendor(), exporter));
        this.files = files;
        this.fetch = new FileFetch(files, store, ids);
        this.config = config;
        this.meters = meters;
        this.clock = clock;
        this.steps = new JobSteps(store, fetch, config, clock, random);
        this.threads = threads;
        this.owner = ids.next();
    }

    /** What a step has come to that could not be stored yet, since the database was away. */
    private record Outcome(Job before, Job after) {}

    /** Does what is due, as far as threads are free for it. */
    void tick() {
        renew();
        saveLate();
        int free = config.parallel() - leases.size();
        if (free > 0) {
            ExportStore.Lease lease = lease();
            List<Job> due = store.claimDue(clock.instant(), lease, free);
            meters.claimed(due.size());
            due.forEach(job -> start(job, lease, false));
        }
        for (Exporter exporter : exporters.values()) {
            for (String account : exporter.accounts()) {
                ask(exporter, account);
                fill(exporter, account);
            }
        }
        sweep();
        clean();
    }

    /** Gives an account's free slot to the next job in its queue. */
    private void fill(Exporter exporter, String account) {
        if (leases.size() < config.parallel()) {
            Instant now = clock.instant();
            ExportStore.Lease lease = lease();
            store.claimNext(exporter.vendor(), account, now, reconcileAt(lease), lease)
                    .ifPresent(job -> start(job, lease, true));
        }
    }

    private ExportStore.Lease lease() {
        return new ExportStore.Lease(owner, clock.instant().plus(config.lease()));
    }

    /** Whoever holds a lease may send an order until the end of it; and then the vendor needs its time. */
    private Instant reconcileAt(ExportStore.Lease lease) {
        return lease.until().plus(config.settle());
    }

    private void start(Job job, ExportStore.Lease lease, boolean fresh) {
        if (leases.putIfAbsent(job.id(), lease.until()) != null) {
            // Its lease ran out while the database was away, and its step is not over yet.
            return;
        }
        try {
            threads.execute(() -> {
                try {
                    stepped(job, fresh);
                } catch (StoreUnavailableException e) {
                    LOG.warnf("%s waits for the database: %s", job.id(), e.getMessage());
                }
            });
        } catch (RejectedExecutionException e) {
            // This process is stopping.
            leases.remove(job.id());
        }
    }

    private void stepped(Job job, boolean fresh) {
        JobSpec spec = job.spec();
        Exporter exporter = exporters.get(spec.vendor());
        try {
            if (fresh && exporter != null) {
                ordering.add(account(spec.vendor(), spec.account()));
                // It may have been counted since it was claimed, and would wait for its own slot.
                occupied(exporter, spec.account());
            }
            step(job, fresh);
        } finally {
            if (fresh) {
                ordering.remove(account(spec.vendor(), spec.account()));
            }
            // Before the queue is looked at, where this very job may be the next.
            if (!unsaved.containsKey(job.id())) {
                leases.remove(job.id());
            }
        }
        if (exporter != null && takesSlot(job) && !Thread.currentThread().isInterrupted()) {
            occupied(exporter, spec.account());
            if (fresh) {
                exporter.settled(spec.account());
            }
            fill(exporter, spec.account());
        }
    }

    private static String account(String vendor, String account) {
        return vendor + "/" + account;
    }

    private void step(Job job, boolean fresh) {
        Exporter exporter = exporters.get(job.spec().vendor());
        if (exporter == null || !exporter.accounts().contains(job.spec().account())) {
            save(
                    job,
                    job.over(new JobState.Failed(
                            job.state().atVendor(),
                            job.state().polled(),
                            Trouble.of(
                                    Trouble.Kind.EXPORT_FAILED,
                                    "the account " + job.spec().account() + " of "
                                            + job.spec().vendor() + " is not configured any more"))));
            return;
        }
        try {
            save(job, steps.next(job, exporter, fresh, () -> ours(job)));
        } catch (InterruptedException e) {
            // This process is stopping. What is stored is true, and the next one goes on from there.
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "a step of %s went wrong", job.id());
            save(job, job.again(clock.instant().plus(AFTER_BUG), job.trouble()));
        }
    }

    private static boolean takesSlot(Job job) {
        return job.state() instanceof JobState.Submitting || job.state() instanceof JobState.Running;
    }

    private boolean ours(Job job) {
        Instant until = leases.get(job.id());
        return until != null && clock.instant().isBefore(until);
    }

    private void save(Job before, Job after) {
        try {
            stored(before, after);
        } catch (StoreUnavailableException e) {
            // What a vendor has said once, such as the id of a job, it may never say again.
            unsaved.put(before.id(), new Outcome(before, after));
            throw e;
        }
    }

    private void stored(Job before, Job after) {
        Instant now = clock.instant();
        Instant fileUntil = after.state() instanceof Done done ? steps.keptUntil(done.ended(), now) : null;
        if (store.save(after, owner, now, fileUntil)) {
            LOG.debugf("%s: %s", before.id(), after.state().name().code());
            meters.stepped(before, after);
        } else {
            LOG.warnf("the lease of %s was lost; what came of its step is discarded", before.id());
        }
    }

    /** Stores what could not be stored before. */
    private void saveLate() {
        unsaved.forEach((job, outcome) -> {
            stored(outcome.before(), outcome.after());
            unsaved.remove(job);
            leases.remove(job);
        });
    }

    private void renew() {
        Instant soon = clock.instant().plus(config.lease().multipliedBy(2).dividedBy(3));
        Map<String, Long> renewed = new HashMap<>();
        leases.forEach((job, until) -> {
            if (until.isBefore(soon)) {
                renewed.put(job, fetch.progress(job));
            }
        });
        if (!renewed.isEmpty()) {
            ExportStore.Lease lease = lease();
            store.renew(renewed, lease, reconcileAt(lease));
            renewed.keySet().forEach(job -> leases.replace(job, lease.until()));
        }
    }

    /** Asks the vendor for an account's slots, if it is time to; in a thread of its own. */
    private void ask(Exporter exporter, String account) {
        String name = account(exporter.vendor(), account);
        if (asking.containsKey(name)) {
            return;
        }
        Optional<String> watched = exporter.watched(account);
        if (watched.isPresent()) {
            store.watch(exporter.vendor(), account, exporter.slots());
        }
        Optional<ExportStore.Slots> slots = store.slots(exporter.vendor(), account);
        if (slots.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Duration every = slots.get().full(now) || watched.isPresent() ? config.refreshWaiting() : config.refresh();
        Optional<String> team = store.claimAsking(exporter.vendor(), account, now.minus(every), now, watched);
        if (team.isPresent()) {
            int before = slots.get().taken().all();
            asking.put(name, true);
            threads.execute(() -> {
                try {
                    asked(exporter, account, team.get(), before);
                } finally {
                    asking.remove(name);
                }
            });
        }
    }

    private void asked(Exporter exporter, String account, String team, int before) {
        try {
            Optional<Exporter.Capacity> capacity = exporter.capacity(account, team);
            if (capacity.isPresent()) {
                store.learn(exporter.vendor(), account, capacity.get(), before);
                occupied(exporter, account);
                fill(exporter, account);
            }
        } catch (NotNowException e) {
            LOG.infof("%s/%s does not tell its slots now: %s", exporter.vendor(), account, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            LOG.warnf("the slots of %s/%s are not kept: %s", exporter.vendor(), account, e.getMessage());
        }
    }

    private void occupied(Exporter exporter, String account) {
        // Looked at first: an order that ends meanwhile is counted once too often rather than not at all.
        boolean isOrdering = ordering.contains(account(exporter.vendor(), account));
        store.slots(exporter.vendor(), account)
                .ifPresent(slots -> exporter.occupied(
                        account,
                        slots.others()
                                + slots.taken().running()
                                + (isOrdering ? 0 : slots.taken().submitting())));
    }

    private boolean delete(String file) {
        try {
            files.delete(file);
            return true;
        } catch (IOException e) {
            LOG.warnf("the file %s cannot be deleted: %s", file, e.getMessage());
            return false;
        }
    }

    /** Deletes what processes have left of files when they died, or lost their lease, before it was stored whose it is. */
    private void sweep() {
        Instant now = clock.instant();
        if (now.isBefore(sweepAt)) {
            return;
        }
        for (String file : store.abandoned(now, DELETIONS)) {
            if (delete(file)) {
                store.forgetAbandoned(file);
            } else {
                sweepAt = now.plus(CLEANING);
            }
        }
    }

    /** Deletes files whose time has come, and forgets what ended long ago. */
    private void clean() {
        Instant now = clock.instant();
        if (now.isBefore(cleanAt)) {
            return;
        }
        List<ExportStore.ExpiredFile> expired = store.expired(now, DELETIONS);
        boolean allDeleted = true;
        for (ExportStore.ExpiredFile file : expired) {
            boolean deleted = delete(file.key());
            if (deleted) {
                store.forgetFile(file.job());
            }
            allDeleted &= deleted;
        }
        if (expired.size() < DELETIONS || !allDeleted) {
            store.forgetExports(now.minus(config.rememberFor()));
            cleanAt = now.plus(CLEANING);
        }
    }

    /** Ends every lease of this process. */
    void letGo() {
        store.endLeases(owner, clock.instant().plus(config.settle()));
    }
}
