package io.sluice.sandbox.limits;

/**
 * A rate limiter: counts the calls of one scope and decides if the next may pass. Times are nanoseconds that never go
 * backwards. A refused call is not counted. Not thread-safe: {@link Limits} guards it.
 */
public sealed interface Limiter permits FixedWindow, SlidingLog, SlidingCounter, TokenBucket {
    /** How long until a call would pass, in nanoseconds; zero when it passes now. Takes nothing. */
    long waitNanos(long now);

    /** Counts a call that passes now. */
    void take(long now);

    /** The state of this limit as a vendor's headers would show it. */
    Status reading(long now);

    /**
     * A limit as shown in headers.
     *
     * @param resetNanos time until the window ends, the oldest call leaves, or the bucket is full
     */
    record Status(int limit, int remaining, long resetNanos) {}
}
