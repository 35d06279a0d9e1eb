package io.sluice.budget;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an account must still know after a restart. Plain values, to be written and read in any form.
 *
 * @param at when it was saved, by the wall clock: the only one that goes on while the process does not
 * @param complete whether nothing can have been granted after it was saved. If not, the process did not stop in order,
 *     and as much as may be granted between two savings counts as used
 * @param closedForNanos how long the account stays closed from then on, zero if it is open
 * @param closedOperationsNanos the same for operations that are closed
 */
public record SavedAccount(
        Instant at,
        boolean complete,
        long closedForNanos,
        Map<String, Long> closedOperationsNanos,
        List<Counter> counters) {
    /** An active account is saved this often. */
    static final Duration PERIOD = Duration.ofSeconds(1);

    /** When an account is saved, and whether for the last time. */
    record Moment(Instant at, boolean complete) {}

    public SavedAccount {
        closedOperationsNanos = Map.copyOf(closedOperationsNanos);
        counters = List.copyOf(counters);
    }

    /**
     * One counter of one limit.
     *
     * @param variable empty for the counter that the whole account shares
     * @param inFlight permits whose attempts were not answered
     * @param lowered how many permits the vendor said last that a window has; zero if these were all
     * @param foreign how many permits somebody else seemed to use in a window
     * @param reported what the vendor said when it was asked; null if it never was
     */
    public record Counter(
            String limit,
            String variable,
            List<Arrived> arrivals,
            int inFlight,
            long closedForNanos,
            int marginSteps,
            int lowered,
            int foreign,
            @Nullable Reported reported) {
        public Counter {
            arrivals = List.copyOf(arrivals);
        }
    }

    /**
     * What the vendor said of a limit when it was asked.
     *
     * @param agoNanos how long before the saving
     * @param permits how many it allowed; zero if it did not say
     * @param mayRaise whether that may exceed the defined number
     * @param foreign how many of them others had used
     */
    public record Reported(long agoNanos, int permits, boolean mayRaise, int foreign) {}

    /** Permits that the vendor counted that long ago at the latest; below zero for a moment yet to come. */
    public record Arrived(long agoNanos, int permits) {}
}
