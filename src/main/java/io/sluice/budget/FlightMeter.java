package io.sluice.budget;

import java.util.List;

/** Counts attempts that are sent and not yet answered. */
final class FlightMeter extends Meter {
    private int permits;
    private int inFlight;
    /** Taken by what is no call in flight of ours. */
    private int occupied;
    /** Permits times nanoseconds in flight, summed up to {@link #countedAt}; gives the mean time of a flight. */
    private double permitNanos;

    private long countedAt;
    private double meanFlight;

    FlightMeter(String variable, Limit.InFlight limit) {
        super(limit.name(), variable);
        permits = limit.permits();
    }

    @Override
    long roomAt(long now, int wantedPermits) {
        return inFlight + occupied + Math.min(wantedPermits, permits) <= permits ? now : NEVER;
    }

    @Override
    long roomAtOnce(long now) {
        return Math.max(0, permits - inFlight - occupied);
    }

    @Override
    void take(long now, int taken) {
        count(now);
        inFlight += taken;
    }

    @Override
    void giveBack(int taken) {
        inFlight -= taken;
    }

    @Override
    void settle(long now, int taken) {
        count(now);
        // In the long run permits in flight are their rate times their time, whichever of them ends now.
        double flight = permitNanos / taken;
        meanFlight += (flight - meanFlight) / 8;
        permitNanos = 0;
        inFlight -= taken;
    }

    void occupy(int taken) {
        occupied = taken;
    }

    private void count(long now) {
        permitNanos += (double) inFlight * (now - countedAt);
        countedAt = now;
    }

    @Override
    void hear(long now, long sentAt, Answer.Reading reading) {
        // No vendor's headers tell of calls in flight.
    }

    @Override
    boolean mayBeOurFault(long now) {
        return 2L * (inFlight + occupied + 1) > permits;
    }

    @Override
    void beMoreCareful(long now) {
        // A semaphore that is given back on the answer has nothing to be more careful about.
    }

    @Override
    void goSlowly(long now) {
        // It has no rate.
    }

    @Override
    long forecast(long now, long ahead) {
        return now;
    }

    @Override
    long forecastWithAnswers(long now, long ahead) {
        return inFlight + occupied + ahead < permits ? now : now + (long) (meanFlight * (ahead + 1) / permits);
    }

    @Override
    Standing standing(long now) {
        return new Standing(permits, inFlight, occupied, 0);
    }

    @Override
    void change(long now, Limit limit) {
        permits = limit.permits();
    }

    @Override
    void forget(long now) {
        // It remembers nothing.
    }

    @Override
    boolean worthSaving(long now) {
        // Whoever was in flight gave up with the process.
        return closedFor(now) > 0;
    }

    @Override
    SavedAccount.Counter save(long now, int reserve) {
        return new SavedAccount.Counter(limit, variable, List.of(), 0, reserve, closedFor(now), 0, 0, 0);
    }

    @Override
    boolean inUse(long now) {
        return inFlight > 0;
    }

    @Override
    boolean idle(long now) {
        return inFlight == 0 && occupied == 0 && gate.idle(now);
    }
}
