package io.sluice.budget.window;

/**
 * The safety margin of a window: the time added to it because the vendor refused calls that should have been safe.
 * Not thread-safe.
 *
 * <p>Each such refusal adds a twentieth of the window, at most a minute. Time narrows it only if the limit was used,
 * since an idle limit proves nothing: 20 windows without a refusal in each of which half of the limit was used, at
 * least a minute and at most an hour of them, take a step off again. If it turns out that the step was needed, the next
 * one stays twice as long, up to a day.
 */
final class SafetyMargin {
    private static final int STEPS_PER_WINDOW = 20;
    private static final int MOST_STEPS = 20;
    private static final int CLEAN_WINDOWS = 20;
    private static final long MINUTE = 60_000_000_000L;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    /** Enough to make a day of a minute. */
    private static final int MOST_DOUBLINGS = 11;

    private int steps;
    private int doublings;
    private boolean narrowed;
    /** Time in which half of the limit was used, since the last change. */
    private long clean;

    private long window;
    private long takenInWindow;
    private long touchedAt;

    void widen(long now) {
        if (narrowed) {
            doublings = Math.min(MOST_DOUBLINGS, doublings + 1);
            narrowed = false;
        }
        steps = Math.min(MOST_STEPS, steps + 1);
        clean = 0;
        touchedAt = now;
    }

    /** Records that permits are taken, of so many that a window of that length has. */
    void take(long now, long length, int permits, int capacity) {
        if (steps == 0) {
            return;
        }
        touchedAt = now;
        long current = now / length;
        if (current != window) {
            window = current;
            takenInWindow = 0;
        }
        boolean counted = 2 * takenInWindow >= capacity;
        takenInWindow += permits;
        if (!counted && 2 * takenInWindow >= capacity) {
            clean += length;
            if (clean >= needed(length)) {
                steps--;
                clean = 0;
                narrowed = true;
            }
        }
    }

    private long needed(long length) {
        return Math.min(DAY, Math.clamp(CLEAN_WINDOWS * length, MINUTE, HOUR) << doublings);
    }

    /** The margin in nanoseconds, for a window of that length. */
    long nanos(long length) {
        return steps * Math.min(MINUTE, length / STEPS_PER_WINDOW);
    }

    int steps() {
        return steps;
    }

    /** True if there is no margin, or one so old that it may be dropped with an unused counter. */
    boolean isExpired(long now) {
        return steps == 0 || now - touchedAt >= DAY;
    }

    void restore(long now, int saved) {
        steps = saved;
        touchedAt = now;
    }
}
