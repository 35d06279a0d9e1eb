package io.sluice.budget;

import org.jspecify.annotations.Nullable;

/**
 * What a throttled answer closes: an account, an operation or one counter. Not thread-safe.
 *
 * <p>Closed until exactly the moment the vendor named, for everybody; then one call goes ahead alone, the canary; and
 * only when it comes back unharmed do the others follow. If it is refused too and the vendor names no time, the next
 * wait is twice as long. A canary that is given up or never sent proves nothing against the vendor being ready: the
 * first lets the others follow, so that a vendor that hangs is not asked one call at a time; the second hands its part
 * to the next call.
 */
final class Gate {
    private static final int MOST_DOUBLINGS = 5;
    private static final long FORGOTTEN = 600_000_000_000L;

    private long closedUntil; // zero, when times begin, for one that never was closed
    private boolean unproven;
    private @Nullable HeldPermit canary;
    private int failures;

    /** When a call may pass: {@code now}, later, or {@link Meter#NEVER} while the canary is out. */
    long opensAt(long now) {
        if (closedUntil > now) {
            return closedUntil;
        }
        return canary == null ? now : Meter.NEVER;
    }

    long closedUntil() {
        return closedUntil;
    }

    /** Notes that a call passes; the first after a closing is the canary. */
    void pass(HeldPermit call) {
        if (unproven && canary == null) {
            canary = call;
        }
    }

    /** Closes because {@code call} was refused; returns whether it was open before, so that this is news. */
    boolean refused(HeldPermit call, long now, Answer.Throttle throttle) {
        boolean news = !unproven || canary == call;
        if (canary == call) {
            canary = null;
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
        unproven = true;
    }

    /** Opens for everybody, as if it had never been closed. */
    void reopen() {
        closedUntil = 0;
        unproven = false;
        canary = null;
        failures = 0;
    }

    /** Notes that {@code call} came back unharmed; returns whether it was the canary and others may follow it. */
    boolean proven(HeldPermit call, long now) {
        if (canary != call) {
            return false;
        }
        canary = null;
        if (closedUntil > now) {
            return false;
        }
        unproven = false;
        failures = 0;
        return true;
    }

    /** Whether {@code call} is the one that tries whether it is open again. */
    boolean isCanary(HeldPermit call) {
        return canary == call;
    }

    /** Notes that {@code call} was never sent. */
    void unsent(HeldPermit call) {
        if (canary == call) {
            canary = null;
        }
    }

    /** Whether it is open for everybody, or so long without anybody who asks that the vendor needs no canary. */
    boolean idle(long now) {
        return !unproven || (canary == null && now - closedUntil >= FORGOTTEN);
    }
}
