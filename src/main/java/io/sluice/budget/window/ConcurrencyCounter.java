package io.sluice.budget.window;

import java.util.List;
import java.util.OptionalInt;

/** A counter of attempts that are sent and have no response yet. */
public final class ConcurrencyCounter extends LimitCounter {
    private int permits;
    private int defined;
    /** The number of permits that the vendor reported last. */
    private OptionalInt reported = OptionalInt.empty();

    /** True while the vendor's reports may exceed the defined number. */
    private boolean raisable = true;
    /** True while the defined number is changed at run time: it is a bound then, no guess. */
    private boolean bound;

    private int inFlight;
    /** Permits taken by external use: work without a call in flight. */
    private int external;
    /** The part of the external use that is foreign. */
    private int foreign;
    /** Permits times nanoseconds in flight, summed up to {@link #countedAt}; gives the mean time of a flight. */
    private double permitNanos;

    private long countedAt;
    private double meanFlight;

    ConcurrencyCounter(String variable, Limit.Concurrency limit) {
        super(limit.name(), variable);
        defined = limit.permits();
        permits = defined;
    }

    @Override
    long roomAt(long now, int wantedPermits, BurstAllowance allowance) {
        return inFlight + external + Math.min(wantedPermits, permits) <= permits ? now : Times.NEVER;
    }

    @Override
    long roomAtOnce(long now) {
        return Math.max(0, permits - inFlight - external);
    }

    @Override
    public boolean mayGoAtOnce(long now, int wantedPermits, boolean unbounded) {
        // It has no slots.
        return false;
    }

    @Override
    public int take(long now, int taken, BurstAllowance allowance) {
        count(now);
        inFlight += taken;
        return PACED;
    }

    @Override
    public void refusedInBurst(long now, long grantedAt, int before) {
        // It has no slots.
    }

    @Override
    public void release(int taken) {
        inFlight -= taken;
    }

    @Override
    public void settle(long now, int taken) {
        count(now);
        // In the long run permits in flight are their rate times their time, whichever of them ends now.
        double flight = permitNanos / taken;
        meanFlight += (flight - meanFlight) / 8;
        permitNanos = 0;
        inFlight -= taken;
    }

    @Override
    public void abandon(long now, int taken) {
        // Its connection is gone, and with it what was in flight.
        settle(now, taken);
    }

    @Override
    public void settleGivenUp(long now, int taken) {
        // It was settled when it was abandoned.
    }

    /**
     * Sets how many permits are taken by work without a call in flight.
     *
     * @param byOthers how many of them are taken by others
     */
    public void setExternalUse(int taken, int byOthers) {
        external = taken;
        foreign = Math.min(taken, byOthers);
    }

    /** Takes over the number of permits that the vendor reports; how many are taken is set apart from it. */
    public void report(ReportedUse said) {
        reported = said.permits();
        raisable &= said.mayRaise();
        follow();
    }

    private void follow() {
        permits = raisable && !bound ? reported.orElse(defined) : Math.min(defined, reported.orElse(defined));
    }

    private void count(long now) {
        permitNanos += (double) inFlight * (now - countedAt);
        countedAt = now;
    }

    @Override
    public boolean observe(long now, long sentAt, LimitReading reading) {
        // No vendor's headers show the number of calls in flight.
        return false;
    }

    @Override
    public boolean showsForeignUse(long now) {
        return false;
    }

    @Override
    public boolean mayBeOurFault(long now) {
        return 2L * (inFlight + external + 1) > permits;
    }

    @Override
    public void widenMargin(long now) {
        // A semaphore that is released with the response has no margin to widen.
    }

    @Override
    public void slowDown(long now) {
        // It has no rate.
    }

    @Override
    public long forecast(long now, long ahead, BurstAllowance allowance) {
        return now;
    }

    @Override
    public long forecastWithAnswers(long now, long ahead, BurstAllowance allowance) {
        return inFlight + external + ahead < permits ? now : now + (long) (meanFlight * (ahead + 1) / permits);
    }

    @Override
    public Usage usage(long now) {
        return new Usage(permits, (long) inFlight + external - foreign, foreign, 0);
    }

    @Override
    void change(long now, Limit limit) {
        defined = limit.permits();
        follow();
    }

    @Override
    void setBound(boolean isBound) {
        bound = isBound;
        follow();
    }

    @Override
    void prune(long now) {
        // It keeps no history.
    }

    @Override
    public boolean worthSaving(long now) {
        // Calls that were in flight ended with the process.
        return closedFor(now) > 0;
    }

    @Override
    public CounterSnapshot save(long now, int reserve) {
        return new CounterSnapshot(limit, variable, List.of(), 0, reserve, closedFor(now), 0, 0, 0, null);
    }

    @Override
    boolean inUse(long now) {
        return inFlight > 0;
    }

    @Override
    boolean idle(long now) {
        return inFlight == 0 && external == 0 && cooldown.idle(now);
    }
}
