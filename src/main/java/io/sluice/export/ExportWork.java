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
    private static final Duration SWEEPING = Duration.ofHours(1);

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
    private final Map<String, Boolean> asking = new ConcurrentHashMap<>(); // by account
    private volatile Instant cleanAt = Instant.MIN;
    private volatile Instant sweepAt = Instant.MIN;

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
        this.fetch = new FileFetch(files, ids);
        this.config = config;
        this.meters = meters;
        this.clock = clock;
        this.steps = new JobSteps(store, fetch, config, clock, random);
        this.threads = threads;
        this.owner = ids.next();
    }

    /** Does what is due, as far as threads are free for it. */
    void tick() {
        renew();
        int free = config.parallel() - leases.size();
        if (free > 0) {
            List<Job> due = store.claimDue(clock.instant(), lease(), free);
            meters.claimed(due.size());
            due.forEach(job -> start(job, false));
        }
        for (Exporter exporter : exporters.values()) {
            for (String account : exporter.accounts()) {
                ask(exporter, account);
                fill(exporter, account);
            }
        }
        clean();
    }

    /** Gives an account's free slot to the next job in its queue. */
    private void fill(Exporter exporter, String account) {
        if (leases.size() < config.parallel()) {
            Instant now = clock.instant();
            store.claimNext(exporter.vendor(), account, now, now.plus(config.settle()), lease())
                    .ifPresent(job -> start(job, true));
        }
    }

    private ExportStore.Lease lease() {
        return new ExportStore.Lease(owner, clock.instant().plus(config.lease()));
    }

    private void start(Job job, boolean fresh) {
        leases.put(job.id(), clock.instant().plus(config.lease()));
        try {
            threads.execute(() -> {
                try {
                    step(job, fresh);
                } finally {
                    leases.remove(job.id());
                }
            });
        } catch (RejectedExecutionException e) {
            // This process is stopping.
            leases.remove(job.id());
        }
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
            Job next = steps.next(job, exporter, fresh);
            if (save(job, next)) {
                LOG.debugf("%s: %s", job.id(), next.state().name().code());
            }
        } catch (InterruptedException e) {
            // This process is stopping. What is stored is true, and the next one goes on from there.
            Thread.currentThread().interrupt();
            return;
        } catch (StoreUnavailableException e) {
            LOG.warnf("%s waits for the database: %s", job.id(), e.getMessage());
            return;
        } catch (RuntimeException e) {
            LOG.errorf(e, "a step of %s went wrong", job.id());
            save(job, job.again(clock.instant().plus(AFTER_BUG), job.trouble()));
        }
        if (takesSlot(job)) {
            occupied(exporter, job.spec().account());
            fill(exporter, job.spec().account());
        }
    }

    private static boolean takesSlot(Job job) {
        return job.state() instanceof JobState.Submitting || job.state() instanceof JobState.Running;
    }

    private boolean save(Job before, Job after) {
        Instant now = clock.instant();
        Instant fileUntil = after.state() instanceof Done done ? steps.keptUntil(done.ended(), now) : null;
        boolean saved = store.save(after, owner, now, fileUntil);
        if (!saved) {
            LOG.warnf("the lease of %s was lost; what came of its step is discarded", before.id());
            if (after.state() instanceof Done done) {
                discard(done);
            }
        } else {
            meters.stepped(before, after);
        }
        return saved;
    }

    private void discard(Done done) {
        try {
            fetch.discard(done.file());
        } catch (IOException e) {
            LOG.warnf("the file %s stays behind: %s", done.file().key(), e.getMessage());
        }
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
            store.renew(renewed, lease);
            renewed.keySet().forEach(job -> leases.replace(job, lease.until()));
        }
    }

    /** Asks the vendor for an account's slots, if it is time to; in a thread of its own. */
    private void ask(Exporter exporter, String account) {
        String name = exporter.vendor() + "/" + account;
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
        store.slots(exporter.vendor(), account)
                .ifPresent(slots -> exporter.occupied(account, slots.taken().running() + slots.others()));
    }

    /** Deletes files whose time has come, and forgets what ended long ago. */
    private void clean() {
        Instant now = clock.instant();
        if (now.isBefore(cleanAt)) {
            return;
        }
        List<ExportStore.ExpiredFile> expired = store.expired(now, DELETIONS);
        for (ExportStore.ExpiredFile file : expired) {
            try {
                files.delete(file.key());
                store.forgetFile(file.job());
            } catch (IOException e) {
                LOG.warnf("the file %s cannot be deleted: %s", file.key(), e.getMessage());
            }
        }
        if (expired.size() < DELETIONS) {
            store.forgetExports(now.minus(config.rememberFor()));
            cleanAt = now.plus(CLEANING);
        }
        sweep(now);
    }

    /** Deletes what processes that died have left of files that they were writing. */
    private void sweep(Instant now) {
        if (now.isBefore(sweepAt)) {
            return;
        }
        sweepAt = now.plus(SWEEPING);
        try {
            for (String key : files.unfinished()) {
                // Whoever has no lease any more cannot say that its file is done.
                if (!store.leased(FileFetch.jobOf(key), now)) {
                    files.deleteUnfinished(key);
                }
            }
        } catch (IOException e) {
            LOG.warnf("unfinished files stay behind: %s", e.getMessage());
        }
    }

    /** Ends every lease of this process. */
    void letGo() {
        store.endLeases(owner);
    }
}
