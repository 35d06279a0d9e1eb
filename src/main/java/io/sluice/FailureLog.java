package io.sluice;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs what fails again and again when it begins to and when it works again, rather than at each try. Thread-safe.
 *
 * <p>What fails is told apart by name: of an account, for instance. Names are from the configuration, never from requests,
 * since one is kept for as long as it fails.
 */
public final class FailureLog {
    private final Logger log;
    private final Map<String, AtomicLong> failing = new ConcurrentHashMap<>(); // how often in a row, by name

    public FailureLog(Logger log) {
        this.log = log;
    }

    /** Notes that it failed. The first time is a warning, the others are for debugging. */
    public void failed(String name, Supplier<String> why) {
        failed(name, why, null);
    }

    /** Notes that it failed, with the exception of a bug of ours, which the first line shows whole. */
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

    /** Notes that it worked, which is told if it had failed before. */
    public void succeeded(String name) {
        if (failing.isEmpty()) {
            return;
        }
        AtomicLong times = failing.remove(name);
        if (times != null) {
            log.infof("%s works again after failures=%d", name, times.get());
        }
    }

    /** Whether it failed when it was last tried. */
    public boolean isFailing(String name) {
        return failing.containsKey(name);
    }
}
