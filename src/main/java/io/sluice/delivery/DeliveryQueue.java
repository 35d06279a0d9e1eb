package io.sluice.delivery;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.sluice.ProcessConfig;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.budget.window.Backoff;
import io.sluice.operator.OperatorSettings;
import io.sluice.store.Database;
import io.sluice.store.LeaseKeeper;
import io.sluice.store.Retention;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;

/** The composition of the delivery queue; starts and stops the workers of a process that delivers. */
@Singleton
public class DeliveryQueue {
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("deliveries-", 0).factory());
    private final Database database;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final MessageClaimer claimer;
    private final MessageAdmin admin;
    private final QueueStats stats;
    private final GroupCommit groupCommit;
    private final DeliveryWorkers workers;
    private final Modes modes;

    DeliveryQueue(
            Database database,
            DeliveriesConfig config,
            InstantSource clock,
            Timer timer,
            RandomGenerator random,
            Ulids ids,
            DeliveryMeters meters,
            OperatorSettings settings,
            @All List<MessageSender> senders) {
        LeaseKeeper.check("sluice.deliveries", config.lease(), config.pollInterval());
        this.database = database;
        this.config = config;
        this.clock = clock;
        this.claimer = new MessageClaimer(database);
        this.admin = new MessageAdmin(database);
        this.stats = new QueueStats(database);
        this.modes = new Modes(settings);
        this.groupCommit = new GroupCommit(new MessageAppender(database), threads, config);
        this.workers = new DeliveryWorkers(
                senders,
                stats,
                new DeliveryWorker.WorkerContext(
                        claimer,
                        new MessageSettler(database),
                        new LeaseKeeper(claimer::renew, clock, config.lease()),
                        new Backoff(config.firstBackoff(), 2, config.maxBackoff(), config.jitter(), random),
                        config,
                        clock,
                        ids,
                        modes,
                        meters),
                timer,
                threads);
    }

    GroupCommit groupCommit() {
        return groupCommit;
    }

    MessageAdmin admin() {
        return admin;
    }

    QueueStats stats() {
        return stats;
    }

    Modes modes() {
        return modes;
    }

    DeliveryWorkers workers() {
        return workers;
    }

    /** The retention of messages that have ended, delivered or dead. */
    @Produces
    @Singleton
    Retention retention() {
        return new Retention("delivery_ended", (now, atMost) -> admin.purge(now.toEpochMilli(), atMost));
    }

    void start(@Observes StartupEvent starting, ProcessConfig process) {
        if (!process.roles().contains(ProcessConfig.Role.WORKER)) {
            return;
        }
        LeaseKeeper.endAllAtStart(database, "delivery", () -> claimer.expireAll(clock.millis()));
        workers.start();
    }

    /** Begins the shutdown: no new message is claimed while the calls under way end. */
    void drain(@Observes ShutdownDelayInitiatedEvent stopping) {
        workers.halt();
    }

    void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
        workers.halt();
        workers.awaitIdle(config.shutdownTimeout());
        threads.shutdownNow();
    }
}
