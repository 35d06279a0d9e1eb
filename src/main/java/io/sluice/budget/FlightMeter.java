package io.sluice.budget;

/** Counts attempts that are sent and not yet answered. */
final class FlightMeter extends Meter {
    private int permits;
    private int inFlight;

    FlightMeter(Limit.InFlight limit) {
        this.permits = limit.permits();
    }

    @Override
    long roomAt(long now, int wanted) {
        return inFlight + Math.min(wanted, permits) <= permits ? now : NEVER;
    }

    @Override
    void take(long now, int taken) {
        inFlight += taken;
    }

    @Override
    void giveBack(long now, int taken) {
        inFlight -= taken;
    }

    @Override
    void settle(long now, int taken) {
        inFlight -= taken;
    }

    @Override
    long used(long now) {
        return inFlight;
    }

    @Override
    long permits() {
        return permits;
    }

    @Override
    void change(Limit limit) {
        permits = limit.permits();
    }

    @Override
    boolean idle(long now) {
        return inFlight == 0 && closedUntil() <= now;
    }
}
