package io.sluice.budget;

import org.jspecify.annotations.Nullable;

/**
 * What a throttled answer closes: an account, an operation or one counter. Not thread-safe.
 *
 * <p>Closed until exactly the moment the vendor named, for everybody; then one call goes ahead alone, the probe; and
 * only when it comes back unharmed do the others follow. If it is refused too and the vendor names no time, the next
 * wait is twice as long. A probe that is given up or never sent proves nothing against the vendor being ready: the
 * first lets the others follow, so that a vendor that hangs is not asked one call at a time; the second hands its part
 * to the next call.
 */
final class Cooldown {
    private static final int MOST_DOUBLINGS = 5;
    private static final long FORGOTTEN = 600_000_000_000L;

    private long closedUntil; // zero, when times begin, for one that never was closed
    private boolean halfOpen;
    private @Nullable HeldPermit probe;
    private int failures;

    /** When a call may pass: {@code now}, later, or {@link LimitCounter#NEVER} while the probe is out. */
    long opensAt(long now) {
        if (closedUntil > now) {
            return closedUntil;
        }
        return probe == null ? now : LimitCounter.NEVER;
    }

    long closedUntil() {
        return closedUntil;
    }

    /** Notes that a call passes; the first after a closing is the probe. */
    void pass(HeldPermit call) {
        if (halfOpen && probe == null) {
            probe = call;
        }
    }

    /** Closes because {@code call} was refused; returns whether it was open before, so that this is news. */
    boolean refused(HeldPermit call, long now, LimitFeedback.Throttle throttle) {
        boolean news = !halfOpen || probe == call;
        if (probe == call) {
            probe = null;
            failures++;
        }
        long wait = throttle.retryAfter()
                .orElseGet(() -> throttle.backoff().multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS)))
                .toNanos();
        close(now + Math.max(1, wait));
        return news;
    }

    /** Closes until {@code time}, or stays closed for longer. */
    void close(long time) {
        closedUntil = Math.max(closedUntil, time);
        halfOpen = true;
    }

    /** Opens for everybody, as if it had never been closed. */
    void reopen() {
        closedUntil = 0;
        halfOpen = false;
        probe = null;
        failures = 0;
    }

    /** Notes that {@code call} came back unharmed; returns whether it was the probe and others may follow it. */
    boolean probeSucceeded(HeldPermit call, long now) {
        if (probe != call) {
            return false;
        }
        probe = null;
        if (closedUntil > now) {
            return false;
        }
        halfOpen = false;
        failures = 0;
        return true;
    }

    /** Whether {@code call} is the one that tries whether it is open again. */
    boolean isProbe(HeldPermit call) {
        return probe == call;
    }

    /** Notes that {@code call} was never sent. */
    void unsent(HeldPermit call) {
        if (probe == call) {
            probe = null;
        }
    }

    /** Whether it is open for everybody, or so long without anybody who asks that the vendor needs no probe. */
    boolean idle(long now) {
        return !halfOpen || (probe == null && now - closedUntil >= FORGOTTEN);
    }
}
