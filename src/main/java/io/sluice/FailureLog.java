package io.sluice;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A log of repeated failures: one line when something begins to fail and one when it works again, rather than one at
 * each try. Thread-safe.
 *
 * <p>Failures are told apart by a name: that of an account, for instance. Names come from the configuration, never from
 * requests, since a name is kept for as long as it fails.
 */
public final class FailureLog {
    private final Logger log;
    private final Map<String, AtomicLong> failing = new ConcurrentHashMap<>(); // consecutive failures, by name

    public FailureLog(Logger log) {
        this.log = log;
    }

    /** Records a failure. The first of a series is logged as a warning, the others at debug level. Never waits. */
    public void failed(String name, Supplier<String> why) {
        failed(name, why, null);
    }

    /**
     * Records a failure as {@link #failed(String, Supplier)} does; where a bug of ours is the cause, its stack trace is
     * logged with the first line.
     */
    public void failed(String name, Supplier<String> why, @Nullable Throwable bug) {
        AtomicLong times = failing.computeIfAbsent(name, added -> new AtomicLong());
        if (times.getAndIncrement() > 0) {
            log.debugf("%s failed again: %s", name, why.get());
        } else if (bug == null) {
            log.warnf("%s failed, further failures are not logged: %s", name, why.get());
        } else {
            log.errorf(bug, "%s failed, further failures are not logged: %s", name, why.get());
        }
    }

    /** Records a success; logs it if the name had failed before. */
    public void succeeded(String name) {
        if (failing.isEmpty()) {
            return;
        }
        AtomicLong times = failing.remove(name);
        if (times != null) {
            log.infof("%s works again after failures=%d", name, times.get());
        }
    }

    /** Returns true if the latest try failed. */
    public boolean isFailing(String name) {
        return failing.containsKey(name);
    }
}
