package io.sluice.export;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An estimate of how long jobs of a kind take: smoothed mean and mean deviation, as TCP estimates round-trip times (RFC
 * 6298). The latest counts for three tenths, since forecasts grow over a quarter and there are few of them.
 *
 * @param deviation how far jobs are from the mean, on average
 */
record DurationEstimate(Duration mean, Duration deviation) {
    private static final long LATEST = 3;
    private static final long ALL = 10;
    /** The first deviation is a quarter of the first duration: one job says nothing about how others vary. */
    private static final long FIRST_DEVIATION = 4;

    /** The estimate after another job has taken {@code took}. */
    static DurationEstimate updated(@Nullable DurationEstimate before, Duration took) {
        if (before == null) {
            return new DurationEstimate(took, took.dividedBy(FIRST_DEVIATION));
        }
        Duration off = took.minus(before.mean).abs();
        return new DurationEstimate(smoothed(before.mean, took), smoothed(before.deviation, off));
    }

    private static Duration smoothed(Duration before, Duration latest) {
        return before.multipliedBy(ALL - LATEST)
                .plus(latest.multipliedBy(LATEST))
                .dividedBy(ALL);
    }
}
