package io.sluice.budget;

/** What a throttled answer closes. */
public enum Scope {
    /** The operation of the attempt, whatever limits it shares with others. */
    OPERATION,
    /** Every limit, and variable, that the attempt counts against. */
    LIMITS,
    /** Everything of the account. */
    ACCOUNT
}
