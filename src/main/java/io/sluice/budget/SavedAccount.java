package io.sluice.budget;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an account must still know after a restart. Plain values, to be written and read in any form.
 *
 * @param at when it was saved, by the wall clock: the only one that goes on while the process does not
 * @param complete whether nothing can have been granted after it was saved. If not, the process did not stop in order,
 *     and as much as may be granted between two savings counts as used
 * @param closedForNanos how long the account stays closed from then on, zero if it is open
 * @param closedOperationsNanos the same for operations that are closed
 * @param bursts what refusals have taught of bursts, by limit
 */
public record SavedAccount(
        Instant at,
        boolean complete,
        long closedForNanos,
        Map<String, Long> closedOperationsNanos,
        List<Counter> counters,
        Map<String, TaughtBursts> bursts) {
    /** An active account is saved this often. */
    static final Duration PERIOD = Duration.ofSeconds(1);

    /** When an account is saved, and whether for the last time. */
    record Moment(Instant at, boolean complete) {}

    public SavedAccount {
        closedOperationsNanos = Map.copyOf(closedOperationsNanos);
        counters = List.copyOf(counters);
        // What was saved by a version that knew nothing of bursts has none.
        bursts = Objects.requireNonNullElse(bursts, Map.<String, TaughtBursts>of());
        bursts = Map.copyOf(bursts);
    }

    /** An account of which bursts have taught nothing. */
    public SavedAccount(
            Instant at,
            boolean complete,
            long closedForNanos,
            Map<String, Long> closedOperationsNanos,
            List<Counter> counters) {
        this(at, complete, closedForNanos, closedOperationsNanos, counters, Map.of());
    }

    /**
     * One counter of one limit.
     *
     * @param variable empty for the counter that the whole account shares
     * @param inFlight permits whose attempts were not answered
     * @param lowered how many permits the vendor said last that a window has; zero if these were all
     * @param foreign how many permits somebody else seemed to use in a window
     * @param reported the vendor's latest report; null if there was none
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
     * A vendor's report on a limit.
     *
     * @param agoNanos how long before the saving
     * @param permits how many it allowed; zero if it did not say
     * @param mayRaise true if that may exceed the defined number
     * @param foreign how many of them others had used
     */
    public record Reported(long agoNanos, int permits, boolean mayRaise, int foreign) {}

    /**
     * What refusals have taught of a limit's bursts.
     *
     * @param most how many permits went through of the smallest burst that was refused
     * @param refusedAgoNanos how long ago the last one was refused
     * @param stopped whether the limit is paced evenly since
     */
    public record TaughtBursts(int most, long refusedAgoNanos, boolean stopped) {}

    /** Permits that the vendor counted that long ago at the latest; below zero for a moment yet to come. */
    public record Arrived(long agoNanos, int permits) {}
}
