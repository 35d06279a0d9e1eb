package io.sluice.budget;

import java.time.Duration;

/**
 * The timing of checkpoints.
 *
 * @param period an account that was used is saved at least this long after, so that ended calls are known as ended
 * @param overdue a write that takes longer counts as one by a store that is away, until it ends
 * @param retry how long after a write that failed the next one begins
 */
public record CheckpointSettings(Duration period, Duration overdue, Duration retry) {
    /** The timing for programs that configure none. */
    public static final CheckpointSettings DEFAULT =
            new CheckpointSettings(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(1));

    public CheckpointSettings {
        checkPositive("period", period);
        checkPositive("overdue", overdue);
        checkPositive("retry", retry);
    }

    private static void checkPositive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(name + " of the checkpoints must be positive: " + duration);
        }
    }
}
