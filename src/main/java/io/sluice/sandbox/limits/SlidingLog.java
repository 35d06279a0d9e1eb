package io.sluice.sandbox.limits;

/** A limiter with a sliding log of every call in one window. No window holds more than the permits. */
final class SlidingLog implements Limiter {
    private final int permits;
    private final long window;
    private final Arrivals log = new Arrivals();

    SlidingLog(int permits, long window) {
        this.permits = permits;
        this.window = window;
    }

    @Override
    public long waitNanos(long now) {
        log.dropUpTo(now - window);
        return log.size() < permits ? 0 : log.get(log.size() - permits) + window - now;
    }

    @Override
    public void take(long now) {
        log.add(now);
    }

    @Override
    public Status reading(long now) {
        log.dropUpTo(now - window);
        long reset = log.size() == 0 ? 0 : log.get(0) + window - now;
        return new Status(permits, permits - log.size(), reset);
    }
}
