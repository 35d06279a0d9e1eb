package io.sluice.delivery;

import io.sluice.budget.Timer;
import io.sluice.store.StoreUnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/** Removes what has been kept long enough, a little at a time so that nobody waits for it. */
final class Forgetting {
    private static final Logger LOG = Logger.getLogger(Forgetting.class);
    private static final int AT_ONCE = 2000;

    private final DeadLetters letters;
    private final DeliveriesConfig config;
    private final InstantSource clock;
    private final Timer timer;
    private final Executor threads;

    Forgetting(DeadLetters letters, DeliveriesConfig config, InstantSource clock, Timer timer, Executor threads) {
        this.letters = letters;
        this.config = config;
        this.clock = clock;
        this.timer = timer;
        this.threads = threads;
    }

    void schedule() {
        schedule(config.tick());
    }

    private void schedule(Duration delay) {
        timer.schedule(() -> threads.execute(this::forget), delay);
    }

    private void forget() {
        Duration next = config.tick();
        try {
            if (letters.forget(clock.millis(), AT_ONCE) == AT_ONCE) {
                next = Duration.ZERO;
            }
        } catch (StoreUnavailableException e) {
            LOG.debugf("retention purge failed: %s", e.getMessage());
        } finally {
            schedule(next);
        }
    }
}
