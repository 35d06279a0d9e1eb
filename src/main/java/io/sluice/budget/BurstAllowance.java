package io.sluice.budget;

/** Whether a call may go before its slot; settled when it comes, by who waits for the same counter then. */
enum BurstAllowance {
    /** It goes one slot after the last grant. */
    NONE,
    /** It found nobody waiting: it goes at once if the slot after it is short enough. */
    BOUNDED,
    /** It found nobody waiting, and nobody but its own team could come to wait: it goes at once if it is safe. */
    UNBOUNDED
}
