package io.sluice.cache;

import io.sluice.FailureLog;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/** Refreshes what was served out of date: each answer once at a time, and no more than so many together. */
public final class Refreshes {
    private static final String NAME = "refresh of cached responses";

    private final FailureLog failures = new FailureLog(Logger.getLogger(Refreshes.class));

    private final Executor threads;
    private final Set<String> keys = ConcurrentHashMap.newKeySet();

    /**
     * @param threads where refreshes may wait
     */
    public Refreshes(Executor threads) {
        this.threads = threads;
    }

    /** Something that may wait for the vendor. */
    @FunctionalInterface
    interface Refresh {
        void run() throws InterruptedException;
    }

    /** Runs it soon, unless the same is waiting already or too many are: then whoever comes next will ask again. */
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
                // The answer stays out of date; its next reader sets off another try.
                failures.failed(NAME, () -> String.valueOf(e.getMessage()), e);
            } finally {
                keys.remove(key);
            }
        });
    }
}
