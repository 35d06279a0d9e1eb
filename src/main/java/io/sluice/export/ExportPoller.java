package io.sluice.export;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.sluice.ProcessConfig;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.export.files.ResultFiles;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.ExportsConfig;
import io.sluice.store.Database;
import io.sluice.store.LeaseKeeper;
import io.sluice.store.StoreUnavailableException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * The scheduled bean that drives every export: at each tick it claims the jobs that are due and runs their next steps.
 * Any number of processes may run it on one database.
 */
@ApplicationScoped
public class ExportPoller {
    private static final Logger LOG = Logger.getLogger(ExportPoller.class);

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("export-", 0).factory());
    private final Database database;
    private final JobStore store;
    private final ExportWorker exportWorker;
    private final ExportsConfig config;
    private final InstantSource clock;
    private final boolean worker;
    private volatile boolean running;

    ExportPoller(
            Database database,
            ExportStores stores,
            @All List<Exporter> exporters,
            ResultFiles files,
            ExportsConfig config,
            ProcessConfig process,
            ExportMeters meters,
            InstantSource clock,
            RandomGenerator random,
            Ulids ids,
            Timer timer) {
        LeaseKeeper.check("sluice.exports", config.lease(), config.pollInterval());
        this.database = database;
        this.store = stores.jobs();
        this.config = config;
        this.clock = clock;
        this.worker = process.roles().contains(ProcessConfig.Role.WORKER);
        this.exportWorker =
                new ExportWorker(stores, exporters, files, config, meters, clock, random, ids, timer, threads);
    }

    void start(@Observes StartupEvent starting) {
        if (worker) {
            LeaseKeeper.endAllAtStart(
                    database, "export", () -> store.endLeases(clock.instant().plus(config.reconcileDelay())));
        }
        running = worker;
    }

    /**
     * Runs the steps that fall due before the next tick. Ticks never overlap and never take long: steps run on threads
     * of their own.
     */
    @Scheduled(
            every = "${sluice.exports.poll-interval:1s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            identity = "exports")
    @RunOnVirtualThread
    void tick() {
        if (!running) {
            return;
        }
        try {
            exportWorker.tick();
        } catch (StoreUnavailableException e) {
            LOG.debugf("export poll skipped, database unavailable: %s", e.getMessage());
        }
    }

    /** Releases the lease of every job, so that another process, or this one's next start, continues at once. */
    void stop(@Observes ShutdownEvent stopping) {
        running = false;
        threads.shutdownNow();
        if (worker) {
            try {
                exportWorker.releaseLeases();
            } catch (StoreUnavailableException e) {
                LOG.debugf(
                        "could not release export leases on shutdown, they expire by themselves: %s", e.getMessage());
            }
        }
    }
}
