package io.sluice.budget;

/** How a vendor counts, as far as it is known. It decides whether bursts are safe. */
public enum Limiter {
    /** Not documented. Paced so that each of the others is satisfied. */
    UNKNOWN,
    /** Windows that start at fixed times. */
    FIXED,
    /** A log of the calls of the last window. */
    SLIDING,
    /** The current fixed window's count plus the overlapping share of the previous one's. */
    COUNTER,
    /** A bucket of tokens that refills evenly. */
    BUCKET
}
