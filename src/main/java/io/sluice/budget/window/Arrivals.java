package io.sluice.budget.window;

/**
 * The vendor's limiter as it stands at worst: with each call counted at its latest possible arrival. Not thread-safe.
 *
 * <p>The vendor counts an attempt when it arrives. Only the bounds are known: it cannot arrive before it is sent, nor
 * after its response has. So an attempt that is not answered is counted as arriving right now, and an answered one as
 * having arrived with its response. Every limiter this stands for (log, fixed window, sliding counter, bucket) only
 * ever weighs an arrival less as it gets older; so counting it late never makes room that the vendor does not have.
 * When the last of any vendor's window's calls was sent, the others of that window all weighed here at least what they
 * weigh there. Therefore no phase, delay, jitter or clock makes the vendor refuse what passes here, as long as the key
 * has no foreign use and the vendor counts as documented.
 */
abstract sealed class Arrivals permits ArrivalBucket, ArrivalWindow {
    private int inFlight;

    /**
     * When {@code wanted} permits fit below {@code capacity}: {@code now}, later, or {@link Times#NEVER} if that
     * depends on responses. If nothing is taken meanwhile, they do not fit earlier, but perhaps later.
     */
    abstract long roomAt(long now, int wanted, int capacity);

    /** Counts permits of an attempt that is sent now. */
    final void take(int permits) {
        inFlight += permits;
    }

    /** Drops permits of an attempt that was not sent. */
    final void release(int permits) {
        inFlight -= permits;
    }

    /** Counts permits that were in flight as having arrived at {@code latest}. */
    final void settle(long latest, int permits) {
        inFlight -= permits;
        arrived(latest, permits);
    }

    /** Counts permits that were never in flight here as having arrived at {@code latest}. */
    abstract void arrived(long latest, int permits);

    /** Drops up to {@code permits} of the oldest permits that have arrived: the vendor does not count them. */
    abstract void discard(int permits);

    /** How many permits count now, those in flight included. */
    abstract long used(long now);

    /** How many permits are in flight. */
    final int inFlight() {
        return inFlight;
    }

    /** Returns true if it holds nothing that may ever count again; that it is not used now is not enough for that. */
    abstract boolean isEmpty(long now);

    /** About when {@code ahead} more permits will have fitted, if responses come at once. */
    abstract long forecast(long now, long ahead, int capacity);
}
