package io.sluice.sandbox.limits;

/**
 * A limiter with a bucket of {@code burst} tokens that refills evenly. Any window holds at most {@code burst + permits}
 * calls.
 */
final class TokenBucket implements Limiter {
    private final long nanosPerToken;
    private final int burst;

    private long fullAt = Long.MIN_VALUE / 2; // when the bucket will be full again

    TokenBucket(int permits, long window, int burst) {
        this.nanosPerToken = Math.max(1, window / permits);
        this.burst = burst;
    }

    @Override
    public long waitNanos(long now) {
        return Math.max(0, Math.max(fullAt, now) + nanosPerToken - now - burst * nanosPerToken);
    }

    @Override
    public void take(long now) {
        fullAt = Math.max(fullAt, now) + nanosPerToken;
    }

    @Override
    public Status reading(long now) {
        long missing = Math.max(0, fullAt - now);
        return new Status(burst, burst - (int) Math.ceilDiv(missing, nanosPerToken), missing);
    }
}
