package io.sluice.cache;

import io.sluice.FailureLog;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * The background refreshes of stale responses: at most one per entry at a time, and no more than a configured number in
 * all.
 */
public final class Refreshes {
    private static final String NAME = "refresh of cached responses";

    private final FailureLog failures = new FailureLog(Logger.getLogger(Refreshes.class));

    private final Executor threads;
    private final Set<String> keys = ConcurrentHashMap.newKeySet();

    /** @param threads runs the refreshes, which may wait */
    public Refreshes(Executor threads) {
        this.threads = threads;
    }

    /** A refresh, which may wait for the vendor. */
    @FunctionalInterface
    interface Refresh {
        void run() throws InterruptedException;
    }

    /**
     * Runs the refresh soon, unless one for the same key is waiting already or too many are: then the next reader
     * schedules it again.
     */
    void later(String key, CacheConfig config, Refresh refresh) {
        if (keys.size() >= config.maxRefreshes() || !keys.add(key)) {
            return;
        }
        threads.execute(() -> {
            try {
                refresh.run();
                failures.succeeded(NAME);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                // The entry stays out of date; its next reader schedules another try.
                failures.failed(NAME, () -> String.valueOf(e.getMessage()), e);
            } finally {
                keys.remove(key);
            }
        });
    }
}
