package io.sluice.budget.window;

/**
 * The kind of a vendor's limiter, as far as it is known. It decides whether bursts are safe, and how calls are spread.
 */
public enum Limiter {
    /** Not documented. Paced evenly, and so that each of the others is satisfied. */
    UNKNOWN,
    /**
     * So many calls in a window, however the vendor counts them. Satisfies each of the others; an idle limit gives what
     * may go at once and paces only what is left.
     */
    WINDOW,
    /** Windows that start at fixed times. */
    FIXED,
    /** A log of the calls of the last window. */
    SLIDING,
    /** The current fixed window's count plus the overlapping share of the previous one's. */
    COUNTER,
    /** A bucket of tokens that refills evenly. */
    BUCKET
}
