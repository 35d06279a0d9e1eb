package io.sluice.budget;

/** The scope that a throttled response closes. */
public enum Scope {
    /** The operation of the attempt, whatever limits it shares with others. */
    OPERATION,
    /** Every limit, and variable, that the attempt counts against. */
    LIMITS,
    /** Everything of the account. */
    ACCOUNT
}
