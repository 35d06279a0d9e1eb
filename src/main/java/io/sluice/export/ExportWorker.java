package io.sluice.export;

import io.sluice.AccountId;
import io.sluice.FailureLog;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.export.JobStore.Lease;
import io.sluice.export.files.FileFetcher;
import io.sluice.export.files.ResultFiles;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.export.job.JobState.Done;
import io.sluice.export.slots.SlotMonitor;
import io.sluice.store.LeaseKeeper;
import io.sluice.store.StoreUnavailableException;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * The export worker of a process: claims jobs, runs their steps, stores the outcomes, and renews its leases meanwhile.
 * The cost of a tick grows with the jobs that are due, not with those that exist. Thread-safe.
 */
final class ExportWorker {
    private static final Logger LOG = Logger.getLogger(ExportWorker.class);

    private final FailureLog failures = new FailureLog(LOG);
    private static final Duration AFTER_BUG = Duration.ofSeconds(30);

    private final JobStore store;
    private final Map<String, Exporter> exporters = new HashMap<>();
    private final FileFetcher fetcher;
    private final ExportsConfig config;
    private final ExportMeters meters;
    private final InstantSource clock;
    private final JobStateMachine stateMachine;
    private final SlotMonitor slots;
    private final LeaseKeeper leases; // by job
    private final Timer timer;
    private final Executor threads;
    private final String process;
    private final AtomicLong claims = new AtomicLong();

    private final Map<String, UnsavedStep> unsaved = new ConcurrentHashMap<>(); // by job
    /** True if more jobs may be due than could be claimed. */
    private volatile boolean more;

    ExportWorker(
            ExportStores stores,
            List<Exporter> exporters,
            ResultFiles files,
            ExportsConfig config,
            ExportMeters meters,
            InstantSource clock,
            RandomGenerator random,
            Ulids ids,
            Timer timer,
            Executor threads) {
        this.store = stores.jobs();
        exporters.forEach(exporter -> this.exporters.put(exporter.vendor(), exporter));
        this.fetcher = new FileFetcher(files, stores.files(), ids);
        this.config = config;
        this.meters = meters;
        this.clock = clock;
        this.stateMachine = new JobStateMachine(stores, fetcher, config, clock, random);
        this.slots = new SlotMonitor(stores.slots(), config, clock, threads, this::fill);
        this.leases = new LeaseKeeper(new JobRenewer(), clock, config.lease());
        this.timer = timer;
        this.threads = threads;
        this.process = ids.next();
    }

    /**
     * A job that this process has claimed.
     *
     * @param stored the lease as the store has it since the claim
     * @param forSubmission true if it was claimed for submitting
     */
    private record ClaimedJob(Job job, Lease stored, LeaseKeeper.Lease lease, boolean forSubmission) {
        AccountId account() {
            return job.spec().account();
        }
    }

    /** The outcome of a step that could not be stored yet because the database was unavailable. */
    private record UnsavedStep(ClaimedJob claim, Job after) {}

    /** Claims the jobs that are due before the next tick, as far as threads are free for them. Waits for the store. */
    void tick() {
        leases.renewAll();
        saveUnsaved();
        claimDue();
        for (Exporter exporter : exporters.values()) {
            for (String name : exporter.accounts()) {
                AccountId account = new AccountId(exporter.vendor(), name);
                if (slots.slots(exporter, account)
                        .filter(known -> known.waiting() && known.free(clock.instant()))
                        .isPresent()) {
                    fill(exporter, account);
                }
            }
        }
    }

    /** Claims the jobs that fall due before the next tick, and begins each step when it is due, to the millisecond. */
    private synchronized void claimDue() {
        int free = config.maxConcurrent() - leases.size();
        more = true;
        if (free > 0) {
            Instant now = clock.instant();
            Lease lease = lease();
            List<Job> due = store.claimDue(now, now.plus(config.pollInterval()), lease, free);
            meters.claimed(due.size());
            due.forEach(job -> start(job, lease, false));
            more = due.size() == free;
        }
    }

    /** Claims the next job of an account's queue while a slot is free. */
    private void fill(Exporter exporter, AccountId account) {
        if (leases.size() < config.maxConcurrent()) {
            Instant now = clock.instant();
            Lease lease = lease();
            store.claimNext(account, now, reconcileAt(lease), lease).ifPresent(job -> start(job, lease, true));
        }
    }

    private Lease lease() {
        return new Lease(process, claims.incrementAndGet(), leases.end());
    }

    /** When to reconcile: no request is sent after the end of a lease, and the vendor needs its time after that. */
    private Instant reconcileAt(Lease lease) {
        return lease.until().plus(config.reconcileDelay());
    }

    private void start(Job job, Lease stored, boolean forSubmission) {
        Optional<LeaseKeeper.Lease> lease = leases.hold(job.id(), stored.owner(), stored.until());
        if (lease.isEmpty()) {
            // Its lease ended while the database was unavailable, or this process slept, and its step has not ended
            // yet.
            unclaim(job, stored, forSubmission);
            return;
        }
        ClaimedJob claim = new ClaimedJob(job, stored, lease.get(), forSubmission);
        Instant due = job.dueAt();
        Duration early = forSubmission || due == null ? Duration.ZERO : Duration.between(clock.instant(), due);
        if (early.isPositive()) {
            timer.schedule(() -> begin(claim), early);
        } else {
            begin(claim);
        }
    }

    /** Drops a claim; the outcome of its step is discarded, since another process may have had the job meanwhile. */
    private void unclaim(Job job, Lease stored, boolean forSubmission) {
        try {
            store.save(forSubmission ? JobStateMachine.unsent(job) : job, stored, clock.instant(), null);
        } catch (StoreUnavailableException e) {
            LOG.debugf(
                    "could not release export job, it is claimed again when its lease ends: job=%s: %s",
                    job.id(), e.getMessage());
        }
    }

    private void begin(ClaimedJob claim) {
        String job = claim.job().id();
        try {
            threads.execute(() -> {
                try {
                    runStep(claim);
                } catch (StoreUnavailableException e) {
                    LOG.debugf("could not store export step, database unavailable: job=%s: %s", job, e.getMessage());
                }
            });
        } catch (RejectedExecutionException e) {
            // This process is stopping.
            claim.lease().close();
        }
    }

    private void runStep(ClaimedJob claim) {
        Job job = claim.job();
        Exporter exporter = exporters.get(job.spec().account().vendor());
        boolean over = false;
        try {
            if (claim.forSubmission() && exporter != null) {
                slots.submitting(exporter, job);
            }
            step(claim);
            over = true;
        } finally {
            if (claim.forSubmission() && exporter != null) {
                slots.submitted(exporter, job);
            }
            // Before the queue is read, where this very job may be the next.
            if (!unsaved.containsKey(job.id())) {
                claim.lease().close();
                if (!over && claim.forSubmission() && exporter != null) {
                    slots.submissionCounted(exporter, claim.account());
                }
            }
        }
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        fillFreedSlot(claim);
        // Unsaved outcomes are stored first: if this process claimed such a job again, the outcome would belong to
        // another claim.
        if (more && unsaved.isEmpty()) {
            claimDue();
        }
    }

    /** Offers a slot that a step may have freed to the next job, once the step is stored. */
    private void fillFreedSlot(ClaimedJob claim) {
        Exporter exporter = exporters.get(claim.account().vendor());
        if (exporter != null && takesSlot(claim.job())) {
            try {
                slots.updateExporter(exporter, claim.account());
            } finally {
                // Also while the database is unavailable: the next report of slots counts the job, and the submission
                // must not count for good.
                if (claim.forSubmission()) {
                    slots.submissionCounted(exporter, claim.account());
                }
            }
            fill(exporter, claim.account());
        }
    }

    private void step(ClaimedJob claim) {
        Job job = claim.job();
        Exporter exporter = exporters.get(job.spec().account().vendor());
        if (exporter == null || !exporter.accounts().contains(claim.account().account())) {
            save(
                    claim,
                    job.over(new JobState.Failed(
                            job.state().atVendor(),
                            job.state().polled(),
                            JobProblem.of(
                                    JobProblem.Kind.EXPORT_FAILED,
                                    "the account " + claim.account().account() + " of "
                                            + claim.account().vendor() + " is not configured any more"))));
            return;
        }
        try {
            Job next = stateMachine.next(job, exporter, claim.forSubmission(), claim.lease()::isValid);
            failures.succeeded(name(job));
            save(claim, next);
        } catch (InterruptedException e) {
            // This process is stopping. The stored state is true, and the next process continues from there.
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            failures.failed(name(job), () -> job.id() + ": " + e.getMessage(), e);
            save(claim, job.again(clock.instant().plus(AFTER_BUG), job.problem()));
        }
    }

    private static String name(Job job) {
        return "export step of " + job.spec().account();
    }

    private static boolean takesSlot(Job job) {
        return job.state() instanceof JobState.Submitting || job.state() instanceof JobState.Running;
    }

    private void save(ClaimedJob claim, Job after) {
        try {
            persist(claim, after);
        } catch (StoreUnavailableException e) {
            // A fact that a vendor reports once, such as the id of a job, may never be reported again.
            unsaved.put(claim.job().id(), new UnsavedStep(claim, after));
            throw e;
        }
    }

    private void persist(ClaimedJob claim, Job after) {
        Job before = claim.job();
        Instant now = clock.instant();
        Instant fileUntil = after.state() instanceof Done done ? stateMachine.keptUntil(done.ended(), now) : null;
        if (store.save(after, claim.stored(), now, fileUntil)) {
            LOG.debugf(
                    "export job changed state: job=%s state=%s",
                    before.id(), after.state().name().code());
            meters.stepped(before, after);
            if (before.state() instanceof JobState.Running
                    && after.state().name().over()) {
                slots.jobGivenUp(before);
            }
        } else {
            LOG.warnf("export lease expired, result of the step discarded: job=%s", before.id());
        }
    }

    /** Stores the outcomes that could not be stored before. */
    private void saveUnsaved() {
        unsaved.forEach((job, step) -> {
            try {
                persist(step.claim(), step.after());
            } catch (StoreUnavailableException e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.errorf(e, "could not store export step, it is repeated when its lease ends: job=%s", job);
            }
            unsaved.remove(job);
            step.claim().lease().close();
            fillFreedSlot(step.claim());
        });
    }

    /** Renews the leases of jobs that are being worked on, and stores how far their downloads are. */
    private final class JobRenewer implements LeaseKeeper.Renewer {
        @Override
        public Set<String> renew(String owner, Set<String> jobs, Instant until) {
            Map<String, Long> progress = new HashMap<>();
            jobs.forEach(job -> progress.put(job, fetcher.progress(job)));
            Lease renewed = new Lease(owner, until);
            return store.renew(progress, renewed, reconcileAt(renewed));
        }

        /** The owner in a job's row is replaced when another process claims it. */
        @Override
        public boolean renewsEnded() {
            return true;
        }
    }

    /** Ends every lease of this process. */
    void releaseLeases() {
        store.endLeases(process, clock.instant().plus(config.reconcileDelay()));
    }
}
