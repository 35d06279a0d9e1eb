package io.sluice.delivery;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.sluice.InvalidConfigException;
import io.sluice.ProcessConfig;
import io.sluice.Ulids;
import io.sluice.budget.Timer;
import io.sluice.store.Database;
import io.sluice.store.StoreUnavailableException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** The parts of the queue, put together; starts and stops the couriers of a process that works. */
@Singleton
public class Depot {
    private static final Logger LOG = Logger.getLogger(Depot.class);

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("deliveries-", 0).factory());
    private final boolean alone;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Timer timer;
    private final ClaimLetters claims;
    private final DeadLetters letters;
    private final QueueView view;
    private final Intake intake;
    private final Couriers couriers;
    private final Modes modes;

    Depot(
            Database database,
            DeliveriesConfig config,
            InstantSource clock,
            Timer timer,
            RandomGenerator random,
            Ulids ids,
            DeliveryMeters meters,
            @All List<Carrier> carriers) {
        InvalidConfigException.check(
                config.lease().compareTo(config.tick().multipliedBy(4)) >= 0,
                "sluice.deliveries.lease",
                () -> "must be four times sluice.deliveries.tick at least, which prolongs it: " + config.lease());
        this.alone = database.kind() == Database.Kind.SQLITE;
        this.config = config;
        this.clock = clock;
        this.timer = timer;
        this.claims = new ClaimLetters(database);
        this.letters = new DeadLetters(database);
        this.view = new QueueView(database);
        this.modes = new Modes(database, timer, threads, config.tick());
        this.intake = new Intake(new AcceptLetters(database), threads, config);
        this.couriers = new Couriers(
                carriers,
                view,
                new Courier.Tools(
                        claims,
                        new FinishLetters(database),
                        new Leases(claims, config, clock),
                        new Backoff(config, random),
                        config,
                        clock,
                        ids,
                        modes,
                        meters),
                timer,
                threads);
    }

    Intake intake() {
        return intake;
    }

    DeadLetters letters() {
        return letters;
    }

    QueueView view() {
        return view;
    }

    Modes modes() {
        return modes;
    }

    Couriers couriers() {
        return couriers;
    }

    void start(@Observes StartupEvent starting, ProcessConfig process) {
        modes.listen();
        if (!process.roles().contains(ProcessConfig.Role.WORKER)) {
            return;
        }
        if (alone) {
            try {
                claims.expireAll(clock.millis());
            } catch (StoreUnavailableException e) {
                LOG.debugf("what was claimed before the start waits for its lease: %s", e.getMessage());
            }
        }
        couriers.start();
        new Forgetting(letters, config, clock, timer, threads).schedule();
    }

    /** Nothing new is begun while what is under way ends. */
    void drain(@Observes ShutdownDelayInitiatedEvent stopping) {
        couriers.halt();
    }

    void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
        couriers.halt();
        modes.halt();
        couriers.awaitIdle(config.drain());
        threads.shutdownNow();
    }
}
