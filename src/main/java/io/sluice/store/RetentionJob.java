package io.sluice.store;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.sluice.FailureLog;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * The retention job: deletes, table by table and in small steps, the rows and files whose retention has ended. It runs
 * in every process, since each stores rows, whatever its roles.
 */
@ApplicationScoped
public class RetentionJob {
    private static final Logger LOG = Logger.getLogger(RetentionJob.class);

    private final FailureLog failures = new FailureLog(LOG);
    private final List<Retention> retentions;
    private final RetentionConfig config;
    private final InstantSource clock;
    private volatile boolean stopped;

    RetentionJob(@All List<Retention> retentions, RetentionConfig config, InstantSource clock) {
        this.retentions = retentions;
        this.config = config;
        this.clock = clock;
    }

    /** Deletes all that is due. A table that fails keeps no other from its turn. */
    @Scheduled(
            every = "${sluice.retention.interval:10s}",
            concurrentExecution = ConcurrentExecution.SKIP,
            identity = "retention")
    @RunOnVirtualThread
    void run() {
        retentions.forEach(this::run);
    }

    private void run(Retention retention) {
        String name = "retention of " + retention.table();
        try {
            int deleted = config.batch();
            while (!stopped && deleted >= config.batch()) {
                deleted = retention.purge().run(clock.instant(), config.batch());
            }
            failures.succeeded(name);
        } catch (StoreUnavailableException e) {
            LOG.debugf("retention purge failed: table=%s: %s", retention.table(), e.getMessage());
        } catch (RuntimeException e) {
            failures.failed(name, () -> String.valueOf(e.getMessage()), e);
        }
    }

    void stop(@Observes ShutdownEvent stopping) {
        stopped = true;
    }
}
