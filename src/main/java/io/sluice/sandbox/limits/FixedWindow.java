package io.sluice.sandbox.limits;

/** A limiter with fixed windows on the clock. Permits up to twice its number in a window that straddles two of them. */
final class FixedWindow implements Limiter {
    private final int permits;
    private final long window;
    private final long phase;

    private long current = Long.MIN_VALUE;
    private int count;

    FixedWindow(int permits, long window, long phase) {
        this.permits = permits;
        this.window = window;
        this.phase = phase;
    }

    @Override
    public long waitNanos(long now) {
        roll(now);
        return count < permits ? 0 : untilEnd(now);
    }

    @Override
    public void take(long now) {
        roll(now);
        count++;
    }

    @Override
    public Status reading(long now) {
        roll(now);
        return new Status(permits, permits - count, untilEnd(now));
    }

    private void roll(long now) {
        long index = Math.floorDiv(now - phase, window);
        if (index != current) {
            current = index;
            count = 0;
        }
    }

    private long untilEnd(long now) {
        return window - Math.floorMod(now - phase, window);
    }
}
