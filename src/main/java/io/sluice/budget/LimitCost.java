package io.sluice.budget;

/**
 * The cost of one attempt at one limit.
 *
 * @param limit the name of a limit defined for the account
 * @param variable which of the limit's counters: the user of a per-user limit, for instance; empty where the limit
 *     counts the whole account
 * @param permits how much of it the attempt costs, at least 1
 */
public record LimitCost(String limit, String variable, int permits) {
    public LimitCost {
        if (permits < 1) {
            throw new IllegalArgumentException("the cost at " + limit + " must take at least 1 permit: " + permits);
        }
    }

    /** A cost of one permit at the account's whole limit. */
    public static LimitCost on(String limit) {
        return new LimitCost(limit, "", 1);
    }

    /** A cost of one permit at the limit's counter for {@code variable}. */
    public static LimitCost on(String limit, String variable) {
        return new LimitCost(limit, variable, 1);
    }
}
