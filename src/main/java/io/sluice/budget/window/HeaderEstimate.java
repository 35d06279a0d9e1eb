package io.sluice.budget.window;

/**
 * The estimate of one counter from the vendor's headers, as far as it holds calls back further than our own count does.
 * Not thread-safe.
 *
 * <p>Our count is never below the vendor's count of our calls, since each call is in it before the vendor can have it
 * and until the vendor must have dropped it. So a higher count of the vendor's shows foreign use. It is subtracted from
 * the limit, at the height it had in this window or the last, so that the same room is left in the next; and until the
 * reset no more is taken than the vendor said was left. Inside a window both only ever tighten. A header with a higher
 * number only lifts what a header has lowered: when the reset that was stated first is over, or a window, or when the
 * reset of a fixed window has moved on. Responses to calls sent before the newest one seen are ignored as outdated:
 * responses overtake each other.
 */
final class HeaderEstimate {
    private static final long NO_RESET = Long.MIN_VALUE;

    private long newestSent = Long.MIN_VALUE;
    private int lowered = Integer.MAX_VALUE;
    private long loweredUntil = Long.MIN_VALUE;
    private long loweredReset = NO_RESET;

    /** The window of our own clock in which {@link #foreign} was seen. */
    private long foreignWindow;

    private int foreign;
    private int foreignBefore;

    private long left;
    private long leftUntil = Long.MIN_VALUE;
    private long resetAt = NO_RESET;

    /** One counter of ours at the moment a response arrives. */
    record Own(long used, int inFlight, int permits, long window, boolean fixed) {}

    /** Takes in a response's reading; {@code resetIn} is below zero if it does not state the reset. */
    void observe(long now, long sentAt, LimitReading reading, long resetIn, Own own) {
        if (sentAt < newestSent) {
            return;
        }
        newestSent = sentAt;
        long newReset = resetIn < 0 ? NO_RESET : now + resetIn;
        long told = reading.permits().orElse(0);
        if (told > 0) {
            observeLimit(now, told, newReset, own);
        }
        if (reading.remaining().isPresent()) {
            long remaining = Math.max(0, reading.remaining().getAsLong());
            long limit = told > 0 ? told : own.permits();
            int unseen = Math.clamp(limit - remaining - own.used(), 0, own.permits());
            rotate(now, own.window());
            foreign = Math.max(foreign, unseen);
            boolean anew = own.fixed() && movedOn(resetAt, newReset);
            if (unseen > 0) {
                tighten(now, Math.max(0, remaining - own.inFlight()), newReset, anew, own.window());
            } else if (anew) {
                leftUntil = Long.MIN_VALUE;
                resetAt = newReset;
            }
        }
    }

    /**
     * Follows a lower limit at once, and a higher one when the period of the lower one is over: then it counts anew.
     */
    private void observeLimit(long now, long told, long newReset, Own own) {
        int before = Math.min(lowered, own.permits());
        boolean over = now >= loweredUntil || (own.fixed() && movedOn(loweredReset, newReset));
        if (told < before) {
            lowered = (int) told;
            loweredReset = newReset;
            loweredUntil = newReset != NO_RESET ? newReset : now + own.window();
        } else if (told > before && over) {
            lowered = told < own.permits() ? (int) told : Integer.MAX_VALUE;
        }
    }

    private void tighten(long now, long remaining, long newReset, boolean anew, long window) {
        boolean sameWindow = now < leftUntil && !anew;
        left = sameWindow ? Math.min(left, remaining) : remaining;
        if (!sameWindow) {
            resetAt = newReset;
            leftUntil = newReset != NO_RESET ? newReset : now + window;
        }
    }

    /**
     * True if a vendor that counts in fixed windows counts anew, which only shows where both resets are stated. They
     * come rounded to a second, so the same one is stated a little differently each time.
     */
    private static boolean movedOn(long before, long newReset) {
        return before != NO_RESET && newReset != NO_RESET && newReset - before > 2_000_000_000L;
    }

    private void rotate(long now, long window) {
        long current = now / window;
        if (current != foreignWindow) {
            foreignBefore = current == foreignWindow + 1 ? foreign : 0;
            foreign = 0;
            foreignWindow = current;
        }
    }

    /** When {@code wanted} permits are left by the vendor's readings. */
    long roomAt(long now, int wanted) {
        return now < leftUntil && left < wanted ? leftUntil : now;
    }

    void take(int permits) {
        left -= permits;
    }

    void release(int permits) {
        left += permits;
    }

    /** The estimated foreign use in a window, in permits. */
    int foreign(long now, long window) {
        rotate(now, window);
        return Math.max(foreign, foreignBefore);
    }

    /** When the estimate of foreign use changes next; {@link Times#NEVER} if there is none. */
    long foreignFadesAt(long now, long window) {
        return foreign(now, window) == 0 ? Times.NEVER : (foreignWindow + 1) * window;
    }

    /** The permits of a window: the documented ones, or fewer if the headers lower them. */
    int permits(int documented) {
        return Math.min(documented, lowered);
    }

    /** The permits of a window that the vendor stated last, if these are fewer than documented; otherwise zero. */
    int lowered() {
        return lowered == Integer.MAX_VALUE ? 0 : lowered;
    }

    /** Restores what was known before a restart. */
    void restore(long now, long window, int loweredBefore, int foreignUse) {
        lowered = loweredBefore == 0 ? Integer.MAX_VALUE : loweredBefore;
        rotate(now, window);
        foreign = foreignUse;
    }

    boolean idle(long now, long window) {
        return foreign(now, window) == 0 && now >= leftUntil;
    }
}
