package io.sluice.budget;

/**
 * What is added to a window because the vendor refused calls that should have been safe. Each such refusal adds a
 * twentieth of the window, twenty clean windows take one off again. Not thread-safe.
 */
final class Margin {
    private static final int STEPS_PER_WINDOW = 20;
    private static final int MOST_STEPS = 20;
    private static final int CLEAN_WINDOWS = 20;
    private static final long LONGEST_STEP = 60_000_000_000L;

    private int steps;
    private long changedAt;

    void widen(long now) {
        steps = Math.min(MOST_STEPS, steps + 1);
        changedAt = now;
    }

    /** The margin in nanoseconds, for a window of that length. */
    long nanos(long now, long window) {
        if (steps == 0) {
            return 0;
        }
        long clean = CLEAN_WINDOWS * window;
        while (steps > 0 && now - changedAt >= clean) {
            steps--;
            changedAt += clean;
        }
        return steps * Math.min(LONGEST_STEP, window / STEPS_PER_WINDOW);
    }

    /** When it is next taken back by a step; {@link Meter#NEVER} if there is none. */
    long narrowsAt(long window) {
        return steps == 0 ? Meter.NEVER : changedAt + CLEAN_WINDOWS * window;
    }

    int steps() {
        return steps;
    }

    void restore(long now, int saved) {
        steps = saved;
        changedAt = now;
    }
}
