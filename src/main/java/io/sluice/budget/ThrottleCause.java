package io.sluice.budget;

/** Why the vendor refused an attempt for its rate, as far as we can tell: one list for API, metrics and page. */
public enum ThrottleCause {
    /** Our own traffic alone explains it. */
    AVOIDABLE,
    /** The vendor's headers show that somebody else spends the same key. */
    FOREIGN,
    /** A limit that no sheet names, or one that the vendor has changed: nothing that we know of explains it. */
    UNDOCUMENTED,
    /** The attempt was the one that tried a closed scope again. */
    PROBE
}
