package io.sluice.budget;

/**
 * What one attempt takes from one limit.
 *
 * @param limit the name of a limit defined for the account
 * @param variable which of the limit's counters: the user of a per-user limit, for instance; empty where the limit
 *     counts the whole account
 * @param permits how much of it the attempt costs, at least 1
 */
public record Claim(String limit, String variable, int permits) {
    public Claim {
        if (permits < 1) {
            throw new IllegalArgumentException("a claim on " + limit + " must take at least 1 permit: " + permits);
        }
    }

    /** A claim of one permit on the account's whole limit. */
    public static Claim on(String limit) {
        return new Claim(limit, "", 1);
    }

    /** A claim of one permit on the limit's counter for {@code variable}. */
    public static Claim on(String limit, String variable) {
        return new Claim(limit, variable, 1);
    }
}
