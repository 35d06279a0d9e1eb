package io.sluice.budget.window;

/**
 * The permission of a call to go before its slot; settled when it comes, by the calls that wait for the same
 * counter then.
 */
public enum BurstAllowance {
    /** It goes one slot after the last grant. */
    NONE,
    /** It found no call waiting: it goes at once if the slot after it is short enough. */
    BOUNDED,
    /** It found no call waiting, and no other team can come to wait: it goes at once if it is safe. */
    UNBOUNDED
}
