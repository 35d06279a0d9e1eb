package io.sluice.sandbox.limits;

import java.util.Locale;

/** The algorithm by which a limit counts. */
public enum LimiterKind {
    /** Whole windows on the clock, counted from zero in each. */
    FIXED,
    /** A log of every arrival for one window. */
    SLIDING,
    /** Two windows on the clock; the earlier one counts by the share that still overlaps. */
    COUNTER,
    /** A token bucket that refills evenly. */
    BUCKET;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
