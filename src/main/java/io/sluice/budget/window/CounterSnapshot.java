package io.sluice.budget.window;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of one counter of one limit that must outlive a restart. Plain values, to be written and read in any format;
 * absent values are null or zero.
 *
 * @param variable empty for the counter that the whole account shares
 * @param inFlight permits of attempts without a response
 * @param reserve how many permits may have been granted since
 * @param lowered the size of a window that the vendor stated last; zero if that was the whole limit
 * @param foreign the permits that foreign use seemed to take in a window
 * @param reported the vendor's latest report; null if there was none
 */
public record CounterSnapshot(
        String limit,
        String variable,
        List<Arrival> arrivals,
        int inFlight,
        int reserve,
        long closedForNanos,
        int marginSteps,
        int lowered,
        int foreign,
        @Nullable LimitReport reported) {
    public CounterSnapshot {
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(variable, "variable");
        arrivals = List.copyOf(Objects.requireNonNullElse(arrivals, List.of()));
        checkCount("inFlight", inFlight);
        checkCount("reserve", reserve);
        checkCount("marginSteps", marginSteps);
    }

    /**
     * The assumed use of any counter of a limit that is not saved itself.
     *
     * @param arrivals what counters may have used before an earlier crash
     * @param reserve how many permits of each may have been granted since
     */
    public record Unsaved(String limit, List<Arrival> arrivals, int reserve) {
        public Unsaved {
            Objects.requireNonNull(limit, "limit");
            arrivals = List.copyOf(Objects.requireNonNullElse(arrivals, List.of()));
            checkCount("reserve", reserve);
        }
    }

    /**
     * A vendor's report on a limit.
     *
     * @param agoNanos how long before the checkpoint
     * @param permits how many it allowed; zero if it did not state that
     * @param mayRaise true if that may exceed the defined number
     * @param foreign how many of them others had used
     */
    public record LimitReport(long agoNanos, int permits, boolean mayRaise, int foreign) {}

    /**
     * The findings from refusals about a limit's bursts.
     *
     * @param most how many permits went through of the smallest burst that was refused
     * @param refusedAgoNanos how long ago the last one was refused
     * @param stopped whether the limit is paced evenly since
     */
    public record BurstLimit(int most, long refusedAgoNanos, boolean stopped) {}

    /** Permits that the vendor counted that long ago at the latest; below zero for a moment yet to come. */
    public record Arrival(long agoNanos, int permits) {
        public Arrival {
            checkCount("permits", permits);
        }
    }

    private static void checkCount(String name, int count) {
        if (count < 0) {
            throw new IllegalArgumentException(name + " must not be negative: " + count);
        }
    }
}
