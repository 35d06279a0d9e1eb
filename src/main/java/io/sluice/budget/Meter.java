package io.sluice.budget;

/**
 * One counter of one limit: what is taken from it, and when there is room again. Not thread-safe: its account's lock
 * guards it. Times are nanoseconds of the account's clock.
 */
abstract sealed class Meter permits FlightMeter, RateMeter {
    /** Later than all times: until something else happens. */
    static final long NEVER = Long.MAX_VALUE;

    private long closedUntil = Long.MIN_VALUE;

    /** When {@code permits} may be taken: {@code now} if there is room, {@link #NEVER} if only an answer makes room. */
    final long freeAt(long now, int permits) {
        return closedUntil > now ? closedUntil : roomAt(now, permits);
    }

    /** Lets nothing through before {@code time}, nor before what it was closed until already. */
    final void closeUntil(long time) {
        closedUntil = Math.max(closedUntil, time);
    }

    final long closedUntil() {
        return closedUntil;
    }

    abstract long roomAt(long now, int permits);

    /** Takes permits for an attempt that is about to be sent. */
    abstract void take(long now, int permits);

    /** Returns permits of an attempt that was never sent. */
    abstract void giveBack(long now, int permits);

    /** Starts to forget permits whose attempt was answered or given up: the vendor has counted it by now. */
    abstract void settle(long now, int permits);

    /** How many permits are taken and not forgotten. */
    abstract long used(long now);

    /** How many permits it has in all. */
    abstract long permits();

    /** Follows a changed limit; what is taken stays taken. */
    abstract void change(Limit limit);

    /** Whether dropping it would change nothing. */
    abstract boolean idle(long now);
}
