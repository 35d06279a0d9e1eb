package io.sluice.budget.window;

import java.time.Duration;
import java.util.Optional;

/**
 * The closing of an account, an operation or one counter by a throttled response. Not thread-safe.
 *
 * <p>It is closed for all calls until exactly the moment the vendor named; then one call goes ahead alone, the probe;
 * and only when it succeeds do the others follow. If it is refused too and the vendor names no time, the next wait is
 * twice as long. A probe that is abandoned or never sent proves nothing against the vendor being ready: the first lets
 * the others follow, so that a vendor that hangs is not asked one call at a time; the second leaves the probe to the
 * next call.
 *
 * <p>A call is a token here: a number, zero or more, that no other attempt of the account has.
 */
public final class Cooldown {
    private static final int MOST_DOUBLINGS = 5;
    private static final long NONE = -1;
    private static final long FORGOTTEN = 600_000_000_000L;

    private long closedUntil; // zero, when times begin, if it never was closed
    private boolean halfOpen;
    private long probe = NONE;
    private int failures;

    /** When a call may pass: {@code now}, later, or {@link Times#NEVER} while the probe is out. */
    public long opensAt(long now) {
        if (closedUntil > now) {
            return closedUntil;
        }
        return probe == NONE ? now : Times.NEVER;
    }

    /** Until when it is or was closed; zero if it never was. */
    public long closedUntil() {
        return closedUntil;
    }

    /** Records that a call passes; the first after a closing is the probe. */
    public void pass(long call) {
        if (halfOpen && probe == NONE) {
            probe = call;
        }
    }

    /**
     * Closes because {@code call} was refused; returns true if it was open before.
     *
     * @param retryAfter how long the vendor asks callers to stay away, if it states a time
     * @param backoff how long to stay away at first when it does not
     */
    public boolean refused(long call, long now, Optional<Duration> retryAfter, Duration backoff) {
        boolean news = !halfOpen || probe == call;
        if (probe == call) {
            probe = NONE;
            failures++;
        }
        long wait = retryAfter
                .orElseGet(() -> backoff.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS)))
                .toNanos();
        close(now + Math.max(1, wait));
        return news;
    }

    /** Closes until {@code time}, or stays closed for longer. */
    public void close(long time) {
        closedUntil = Math.max(closedUntil, time);
        halfOpen = true;
    }

    /** Opens for all calls, as if it had never been closed. */
    public void reopen() {
        closedUntil = 0;
        halfOpen = false;
        probe = NONE;
        failures = 0;
    }

    /** Records that {@code call} succeeded; returns true if it was the probe and others may follow it. */
    public boolean probeSucceeded(long call, long now) {
        if (probe != call) {
            return false;
        }
        probe = NONE;
        if (closedUntil > now) {
            return false;
        }
        halfOpen = false;
        failures = 0;
        return true;
    }

    /** True if {@code call} is the probe. */
    public boolean isProbe(long call) {
        return probe == call;
    }

    /** Records that {@code call} was never sent. */
    public void unsent(long call) {
        if (probe == call) {
            probe = NONE;
        }
    }

    /** True if it is open for all calls, or has been without calls for so long that the vendor needs no probe. */
    public boolean idle(long now) {
        return !halfOpen || (probe == NONE && now - closedUntil >= FORGOTTEN);
    }
}
