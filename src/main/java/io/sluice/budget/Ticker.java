package io.sluice.budget;

/** A clock of elapsed time. Monotonic; its readings mean nothing on their own and are compared by subtraction. */
@FunctionalInterface
public interface Ticker {
    /** Returns the reading in nanoseconds, and never waits. */
    long read();
}
