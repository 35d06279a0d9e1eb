package io.sluice.budget;

/** The cause of a throttled attempt, as far as it can be known: one list for API, metrics and page. */
public enum ThrottleCause {
    /** Our own traffic alone explains it. */
    AVOIDABLE,
    /** The vendor's headers show foreign use of the same key. */
    FOREIGN,
    /** A limit that no sheet names, or one that the vendor has changed: nothing known explains it. */
    UNDOCUMENTED,
    /** The attempt was the probe of a closed scope. */
    PROBE
}
