package io.sluice.budget.window;

import java.time.Duration;

/** The bounds of times in the budget, which are nanoseconds since it was made. */
public final class Times {
    /** Later than all times: until something else happens. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Longer than any caller waits, and short enough to be added to a time. */
    public static final Duration LONGEST = Duration.ofDays(36_500);

    private Times() {}

    /** The nanoseconds of a duration, {@link #LONGEST} at most. */
    public static long nanos(Duration duration) {
        return (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos();
    }
}
