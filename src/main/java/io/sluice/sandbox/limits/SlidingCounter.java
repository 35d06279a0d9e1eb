package io.sluice.sandbox.limits;

/**
 * A limiter with a sliding window counter, two windows on the clock: a call passes while
 * {@code previous * (share of the previous window that still overlaps) + current + 1 <= permits}. Compared in whole
 * numbers, multiplied by the window.
 */
final class SlidingCounter implements Limiter {
    private final int permits;
    private final long window;
    private final long phase;

    private long current = Long.MIN_VALUE;
    private long previousCount;
    private long count;

    SlidingCounter(int permits, long window, long phase) {
        this.permits = permits;
        this.window = window;
        this.phase = phase;
    }

    @Override
    public long waitNanos(long now) {
        roll(now);
        long elapsed = elapsed(now);
        long inThisWindow = earliest(previousCount, count);
        if (inThisWindow < window) {
            return Math.max(0, inThisWindow - elapsed);
        }
        return window - elapsed + earliest(count, 0);
    }

    /** The offset in a window from which one more call passes; the whole window when none does. */
    private long earliest(long before, long here) {
        long room = permits - 1 - here;
        if (room < 0) {
            return window;
        }
        return before <= room ? 0 : window - room * window / before;
    }

    @Override
    public void take(long now) {
        roll(now);
        count++;
    }

    @Override
    public Status reading(long now) {
        roll(now);
        long overlap = Math.ceilDiv(previousCount * (window - elapsed(now)), window);
        return new Status(permits, (int) Math.max(0, permits - count - overlap), window - elapsed(now));
    }

    private void roll(long now) {
        long index = Math.floorDiv(now - phase, window);
        if (index != current) {
            previousCount = index - 1 == current ? count : 0;
            current = index;
            count = 0;
        }
    }

    private long elapsed(long now) {
        return Math.floorMod(now - phase, window);
    }
}
