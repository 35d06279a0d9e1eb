package io.sluice.delivery;

import io.sluice.budget.Timer;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/** Retention of delivered and dead messages: purges those whose retention has ended, in small steps. */
final class DeliveryRetentionJob {
    private static final Logger LOG = Logger.getLogger(DeliveryRetentionJob.class);
    private static final int AT_ONCE = 2000;

    private final MessageAdmin admin;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Timer timer;
    private final Executor threads;

    DeliveryRetentionJob(
            MessageAdmin admin, DeliveriesConfig config, InstantSource clock, Timer timer, Executor threads) {
        this.admin = admin;
        this.config = config;
        this.clock = clock;
        this.timer = timer;
        this.threads = threads;
    }

    void schedule() {
        schedule(config.pollInterval());
    }

    private void schedule(Duration delay) {
        timer.schedule(() -> threads.execute(this::purge), delay);
    }

    private void purge() {
        Duration next = config.pollInterval();
        try {
            if (admin.purge(clock.millis(), AT_ONCE) == AT_ONCE) {
                next = Duration.ZERO;
            }
        } catch (StoreUnavailableException e) {
            LOG.debugf("retention purge failed: %s", e.getMessage());
        } finally {
            schedule(next);
        }
    }
}
