package io.sluice.export;

import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.export.JobState.Done;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private static final Duration AFTER_BUG = Duration.ofSeconds(30);

    private final ExportStore store;
    private final Map<String, Exporter> exporters = new HashMap<>();
    private final FileFetch fetch;
    private final ExportsConfig config;
    private final ExportMeters meters;
    private final InstantSource clock;
    private final JobSteps steps;
    private final SlotWatch slots;
    private final Cleaning cleaning;
    private final Timer timer;
    private final Executor threads;
    private final String owner;

    private final Map<String, Instant> leases = new ConcurrentHashMap<>(); // by job; until when
    private final Map<String, Outcome> unsaved = new ConcurrentHashMap<>(); // by job
    /** Whether more may be due than could be claimed. */
    private volatile boolean more;

    ExportWork(
            ExportStore store,
            List<Exporter> exporters,
            ResultFiles files,
            ExportsConfig config,
            ExportMeters meters,
            InstantSource clock,
            RandomGenerator random,
            Ulids ids,
            Timer timer,
            Executor threads) {
        this.store = store;
        exporters.forEach(exporter -> this.exporters.put(exporter.vendor(), exporter));
        this.fetch = new FileFetch(files, store, ids);
        this.config = config;
        this.meters = meters;
        this.clock = clock;
        this.steps = new JobSteps(store, fetch, config, clock, random);
        this.slots = new SlotWatch(store.slots(), config, clock, threads, this::fill);
        this.cleaning = new Cleaning(store, files, config.rememberFor(), clock);
        this.timer = timer;
        this.threads = threads;
        this.owner = ids.next();
    }

    /** What a step has come to that could not be stored yet, since the database was away. */
    private record Outcome(Job before, Job after, boolean fresh) {}

    /** Does what is due before the next tick, as far as threads are free for it. */
    void tick() {
        renew();
        saveLate();
        claimDue();
        for (Exporter exporter : exporters.values()) {
            for (String account : exporter.accounts()) {
                if (slots.slots(exporter, account)
                        .filter(known -> known.waiting() && known.free(clock.instant()))
                        .isPresent()) {
                    fill(exporter, account);
                }
            }
        }
        cleaning.tick();
    }

    /** Claims what falls due before the next tick, and begins each step when it is due, to the millisecond. */
    private synchronized void claimDue() {
        int free = config.parallel() - leases.size();
        more = true;
        if (free > 0) {
            Instant now = clock.instant();
            ExportStore.Lease lease = lease();
            List<Job> due = store.claimDue(now, now.plus(config.tick()), lease, free);
            meters.claimed(due.size());
            due.forEach(job -> start(job, lease, false));
            more = due.size() == free;
        }
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
        Instant due = job.dueAt();
        Duration early = fresh || due == null ? Duration.ZERO : Duration.between(clock.instant(), due);
        if (early.isPositive()) {
            timer.schedule(() -> begin(job, fresh), early);
        } else {
            begin(job, fresh);
        }
    }

    private void begin(Job job, boolean fresh) {
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
        String account = job.spec().account();
        Exporter exporter = exporters.get(job.spec().vendor());
        boolean over = false;
        try {
            if (fresh && exporter != null) {
                slots.ordering(exporter, job);
            }
            step(job, fresh);
            over = true;
        } finally {
            if (fresh && exporter != null) {
                slots.ordered(exporter, job);
            }
            // Before the queue is looked at, where this very job may be the next.
            if (!unsaved.containsKey(job.id())) {
                leases.remove(job.id());
                if (!over && fresh && exporter != null) {
                    exporter.settled(account);
                }
            }
        }
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        goOn(job, fresh);
        if (more) {
            claimDue();
        }
    }

    /** Gives on what a step may have set free, once it is stored. */
    private void goOn(Job job, boolean fresh) {
        String account = job.spec().account();
        Exporter exporter = exporters.get(job.spec().vendor());
        if (exporter != null && takesSlot(job)) {
            try {
                slots.tell(exporter, account);
            } finally {
                // Also while the database is away: what is told next counts the job, and this must not count for good.
                if (fresh) {
                    exporter.settled(account);
                }
            }
            fill(exporter, account);
        }
    }

    private void step(Job job, boolean fresh) {
        Exporter exporter = exporters.get(job.spec().vendor());
        if (exporter == null || !exporter.accounts().contains(job.spec().account())) {
            save(
                    job,
                    fresh,
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
            save(job, fresh, steps.next(job, exporter, fresh, () -> ours(job)));
        } catch (InterruptedException e) {
            // This process is stopping. What is stored is true, and the next one goes on from there.
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "a step of %s went wrong", job.id());
            save(job, fresh, job.again(clock.instant().plus(AFTER_BUG), job.trouble()));
        }
    }

    private static boolean takesSlot(Job job) {
        return job.state() instanceof JobState.Submitting || job.state() instanceof JobState.Running;
    }

    private boolean ours(Job job) {
        Instant until = leases.get(job.id());
        return until != null && clock.instant().isBefore(until);
    }

    private void save(Job before, boolean fresh, Job after) {
        try {
            stored(before, after);
        } catch (StoreUnavailableException e) {
            // What a vendor has said once, such as the id of a job, it may never say again.
            unsaved.put(before.id(), new Outcome(before, after, fresh));
            throw e;
        }
    }

    private void stored(Job before, Job after) {
        Instant now = clock.instant();
        Instant fileUntil = after.state() instanceof Done done ? steps.keptUntil(done.ended(), now) : null;
        if (store.save(after, owner, now, fileUntil)) {
            LOG.debugf("%s: %s", before.id(), after.state().name().code());
            meters.stepped(before, after);
            if (before.state() instanceof JobState.Running
                    && after.state().name().over()) {
                slots.givenUp(before);
            }
        } else {
            LOG.warnf("the lease of %s was lost; what came of its step is discarded", before.id());
        }
    }

    /** Stores what could not be stored before. */
    private void saveLate() {
        unsaved.forEach((job, outcome) -> {
            try {
                stored(outcome.before(), outcome.after());
            } catch (StoreUnavailableException e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.errorf(e, "what came of %s cannot be stored; it is looked at again once its lease is over", job);
            }
            unsaved.remove(job);
            leases.remove(job);
            goOn(outcome.before(), outcome.fresh());
        });
    }

    private void renew() {
        Instant soon = clock.instant().plus(config.lease().multipliedBy(2).dividedBy(3));
        Map<String, Long> ending = new HashMap<>();
        leases.forEach((job, until) -> {
            if (until.isBefore(soon)) {
                ending.put(job, fetch.progress(job));
            }
        });
        if (!ending.isEmpty()) {
            ExportStore.Lease lease = lease();
            // Those that somebody has taken over keep their end: whoever slept beyond it must not send an order.
            store.renew(ending, lease, reconcileAt(lease)).forEach(job -> leases.replace(job, lease.until()));
        }
    }

    /** Ends every lease of this process. */
    void letGo() {
        store.endLeases(owner, clock.instant().plus(config.settle()));
    }
}
