package io.sluice.budget.window;

import java.util.Arrays;

/**
 * An estimate of the latency of an account's calls and of its jitter J. Not thread-safe.
 *
 * <p>J is a high quantile of a round trip minus the smallest one, over the last few calls. It only sets how evenly
 * calls are spread; safety never depends on it (see {@link ArrivalWindow}), so a rough estimate is good enough, and a
 * few samples that follow a change of the network quickly are better than many.
 */
public final class LatencyJitter {
    private static final int SAMPLES = 32;
    private static final int ENOUGH_TO_REPLACE = SAMPLES / 4;
    private static final int QUANTILE = SAMPLES * 9 / 10;
    private static final int[] NONE = {};

    private int[] micros = NONE;
    private int seen;
    private long jitterNanos;
    private long meanNanos;

    /** Takes in the round trip of a call. */
    public void add(long roundTripNanos) {
        if (micros.length == 0) {
            micros = new int[SAMPLES];
        }
        micros[seen % SAMPLES] = Math.clamp(roundTripNanos / 1000, 0, Integer.MAX_VALUE);
        seen = seen + 1 == 2 * SAMPLES ? SAMPLES : seen + 1;
        boolean first = meanNanos == 0;
        if (first || (seen >= ENOUGH_TO_REPLACE && (seen < SAMPLES || seen % 8 == 0))) {
            measure();
        }
    }

    /** Drops the samples, but keeps the estimates until there are enough new ones. */
    public void rest() {
        micros = NONE;
        seen = 0;
    }

    private void measure() {
        int count = Math.min(seen, SAMPLES);
        int[] sorted = Arrays.copyOf(micros, count);
        Arrays.sort(sorted);
        jitterNanos = 1000L * (sorted[Math.min(QUANTILE, count - 1)] - sorted[0]);
        meanNanos = 1000L * (long) Arrays.stream(sorted).average().orElse(0);
    }

    /** J, in nanoseconds; zero before the first response. */
    public long jitter() {
        return jitterNanos;
    }

    /** The mean round trip, in nanoseconds; zero before the first response. */
    long mean() {
        return meanNanos;
    }
}
