package io.sluice.budget;

import java.util.Optional;

/**
 * A clock that runs from the start of the machine on: it measures the time between two processes, too, and unlike the
 * wall clock it is never set.
 */
@FunctionalInterface
public interface BootClock {
    /** No such clock; the wall clock takes its place. */
    BootClock NONE = Optional::empty;

    /**
     * A moment of one run of the machine.
     *
     * @param boot names the run; readings with different names cannot be compared
     * @param nanos nanoseconds since the machine started, suspended time included
     * @param resolution the real time may be that many nanoseconds later
     */
    record Reading(String boot, long nanos, long resolution) {}

    /** Returns the present moment; empty where the system has no such clock. Does not wait. */
    Optional<Reading> read();
}
