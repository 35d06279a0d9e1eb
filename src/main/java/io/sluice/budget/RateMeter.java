package io.sluice.budget;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts permits in a window. A call passes if three agree: the {@link Arrivals}, which no vendor that counts as it
 * says can disagree with; the {@link VendorView}, where its headers know more than we do; and the {@link Pacer}.
 *
 * <p>The pacer makes nothing safer against a vendor that is as documented. It spreads calls evenly at the rate that
 * the arrivals can sustain, so that they are not used up in one go and then shut for the rest of the window: an urgent
 * call then finds the next permit near, a sliding counter, which bursts could only use up to two thirds, is used in
 * full, and a bucket smaller than the window's permits does not overflow. A limit over more than
 * {@link #LONGEST_PACED} is a quota: to spread a thousand exports over a month would help nobody.
 */
final class RateMeter extends Meter {
    private static final long LONGEST_PACED = 3_600_000_000_000L;
    private static final long LONGEST_SLOW = LONGEST_PACED;
    /** Against vendors that count in milliseconds, and clocks that tick a little differently. */
    private static final long FINEST_TICK = 1_000_000;

    private static final int CLOCK_DRIFT = 8192;

    private final DelaySpread delays;
    private final Pacer pacer = new Pacer();
    private final Margin margin = new Margin();
    private final Reserve reserve;
    private @Nullable VendorView view;
    private @Nullable FixedPhase phase;

    private Limit.Rate rate;
    private long window;
    private long skew;
    private Arrivals arrivals;
    private long slowUntil = Long.MIN_VALUE;
    private long burstUntil = Long.MIN_VALUE;

    /** @param reserve what may be granted before it is saved */
    RateMeter(String variable, Limit.Rate limit, DelaySpread delays, Reserve reserve) {
        super(limit.name(), variable);
        this.delays = delays;
        this.reserve = reserve;
        rate = limit;
        window = limit.window().toNanos();
        skew = FINEST_TICK + window / CLOCK_DRIFT;
        arrivals = newArrivals(limit);
    }

    private static Arrivals newArrivals(Limit.Rate limit) {
        return limit.limiter() == Limiter.BUCKET ? new ArrivalBucket(limit) : new ArrivalWindow(limit);
    }

    @Override
    long roomAt(long now, int permits) {
        turnOver(now);
        long at = roomAsItStands(now, permits);
        if (at > now) {
            return Math.min(at, easesAt(now));
        }
        // Asked last: a saving begins for what nothing else holds back.
        return reserve.holdsBack(now, Math.min(permits, capacity(now))) ? NEVER : at;
    }

    /** When time alone may next make more room: then it is worthwhile to look again. */
    private long easesAt(long now) {
        long at = Math.min(slowUntil > now ? slowUntil : NEVER, margin.narrowsAt(window));
        if (phase != null) {
            at = Math.min(at, phase.turnsOverAt());
        }
        return view == null ? at : Math.min(at, view.foreignFadesAt(now, window));
    }

    private long roomAsItStands(long now, int permits) {
        long step = step(now);
        long paced = pacer.readyAt(tolerance(now, step));
        if (paced > now) {
            return paced;
        }
        int capacity = capacity(now);
        int needed = Math.min(permits, capacity);
        if (view != null) {
            long told = view.roomAt(now, needed);
            if (told > now) {
                return told;
            }
        }
        return arrivals.roomAt(now, needed, capacity);
    }

    /** Nanoseconds from one permit to the next; zero if they are not paced. */
    private long step(long now) {
        long permits = usable(now);
        int slowness = now < slowUntil ? 2 : 1;
        switch (arrivals) {
            case ArrivalBucket bucket -> {
                long refill = Math.ceilDiv(window + margin.nanos(now, window) + skew, permits);
                bucket.refillEvery(now, refill);
                return slowness == 1 ? 0 : slowness * refill;
            }
            case ArrivalWindow arrived -> {
                if (window > LONGEST_PACED) {
                    return 0;
                }
                if (mayBurst(now)) {
                    return slowness * Math.ceilDiv(window, permits);
                }
                long hold = Math.max(delays.spread(), delays.mean()) + arrived.rounding() + skew;
                long span = window + Math.min(hold, window) + margin.nanos(now, window);
                return slowness * Math.ceilDiv(span, Math.max(1, arrived.counterSafe() ? permits - 1 : permits));
            }
        }
    }

    private long tolerance(long now, long step) {
        return mayBurst(now) && now >= slowUntil ? (rate.burst() - 1) * step : 0;
    }

    /**
     * Where a vendor is known to count in fixed windows, the arrivals alone make any burst safe, whatever their phase;
     * a known phase makes up for the permits that they hold back longer than the vendor does.
     */
    private boolean mayBurst(long now) {
        boolean declared = rate.limiter() == Limiter.FIXED && rate.burst() > 1;
        return declared || (phase != null && (phase.known() || now < burstUntil));
    }

    /** How many permits a window has for us. */
    private int usable(long now) {
        return view == null ? rate.permits() : Math.max(1, view.permits(rate.permits()) - view.foreign(now, window));
    }

    /** How many permits may count at once. */
    private int capacity(long now) {
        return arrivals instanceof ArrivalBucket bucket ? Math.min(bucket.depth(), usable(now)) : usable(now);
    }

    private void turnOver(long now) {
        if (phase != null && phase.turnedOver(now) && arrivals instanceof ArrivalWindow arrived) {
            arrived.turnOver(phase.turnedOverAt());
            pacer.forgive(now);
            burstUntil = now + window;
        }
    }

    @Override
    void take(long now, int permits) {
        long step = step(now);
        if (step > 0) {
            pacer.take(now, step * permits, tolerance(now, step));
        }
        arrivals.take(permits);
        if (view != null) {
            view.take(permits);
        }
        reserve.take(now, permits, wanted > 0);
    }

    @Override
    void giveBack(int permits) {
        pacer.giveBack();
        arrivals.giveBack(permits);
        if (view != null) {
            view.giveBack(permits);
        }
    }

    @Override
    void settle(long now, int permits) {
        arrivals.settle(now + skew + margin.nanos(now, window), permits);
    }

    @Override
    void hear(long now, long sentAt, Answer.Reading reading) {
        if (view == null) {
            view = new VendorView();
        }
        int documented =
                arrivals instanceof ArrivalBucket bucket && reading.permits().isEmpty()
                        ? bucket.depth()
                        : rate.permits();
        view.hear(
                now, sentAt, reading, new VendorView.Own(arrivals.used(now), arrivals.inFlight(), documented, window));
        if (rate.limiter() == Limiter.FIXED && reading.resetIn().isPresent()) {
            phase = phase == null ? new FixedPhase(window) : phase;
            phase.hear(now, sentAt, reading.resetIn().get().toNanos());
        }
    }

    @Override
    boolean mayBeOurFault(long now) {
        boolean others = view != null && view.foreign(now, window) > 0;
        return !others && 2 * arrivals.used(now) > capacity(now);
    }

    @Override
    void beMoreCareful(long now) {
        margin.widen(now);
    }

    @Override
    void goSlowly(long now) {
        slowUntil = now + Math.min(window, LONGEST_SLOW);
    }

    @Override
    long forecast(long now, long ahead) {
        long step = step(now);
        // Those ahead may be a burst that waits for its saving.
        long paced = Math.max(now, Math.max(now, pacer.readyAt(0)) + ahead * step - tolerance(now, step));
        long at = Math.max(Math.max(gate.closedUntil(), paced), arrivals.forecast(now, ahead, capacity(now)));
        return Math.max(at, reserve.forecast(now, 1));
    }

    @Override
    long forecastWithAnswers(long now, long ahead) {
        return forecast(now, ahead);
    }

    @Override
    Standing standing(long now) {
        turnOver(now);
        return new Standing(
                view == null ? rate.permits() : view.permits(rate.permits()),
                arrivals.used(now),
                view == null ? 0 : view.foreign(now, window),
                margin.nanos(now, window));
    }

    @Override
    void change(long now, Limit limit) {
        long oldStep = step(now);
        List<SavedAccount.Arrived> taken = arrived(now);
        int inFlight = arrivals.inFlight();
        rate = (Limit.Rate) limit;
        window = rate.window().toNanos();
        skew = FINEST_TICK + window / CLOCK_DRIFT;
        arrivals = newArrivals(rate);
        phase = null;
        arrivals.take(inFlight);
        count(now, taken);
        reserve.change(now, rate);
        long newStep = step(now);
        if (oldStep > 0) {
            pacer.rescale(now, oldStep, newStep);
        }
    }

    @Override
    void forget(long now) {
        arrivals.used(now);
    }

    @Override
    boolean inUse(long now) {
        return !arrivals.isEmpty(now);
    }

    @Override
    boolean idle(long now) {
        return !inUse(now)
                && pacer.readyAt(0) <= now
                && gate.idle(now)
                && margin.nanos(now, window) == 0
                && (view == null || view.idle(now, window));
    }

    @Override
    void reset(long now) {
        super.reset(now);
        int inFlight = arrivals.inFlight();
        arrivals = newArrivals(rate);
        arrivals.take(inFlight);
        pacer.forgive(now);
        margin.restore(now, 0);
        view = null;
        phase = null;
        slowUntil = Long.MIN_VALUE;
        burstUntil = Long.MIN_VALUE;
    }

    /** Counts what the pace lets through without a pause; of a limit that is not paced, all that is left. */
    @Override
    long roomAtOnce(long now) {
        if (roomAsItStands(now, 1) > now) {
            return 0;
        }
        long step = step(now);
        long free = capacity(now) - arrivals.used(now);
        if (step == 0) {
            return free;
        }
        return Math.min(free, 1 + Math.max(0, now - pacer.readyAt(tolerance(now, step))) / step);
    }

    /**
     * Begins a saving, which may rely on what was granted now; returns how much it reserves.
     *
     * @param atOnce how many of the permits that are waited for could be granted this moment
     */
    int beginSaving(long atOnce) {
        return reserve.begin(wanted, atOnce);
    }

    /** Ends it. */
    void endSaving(long now, boolean written) {
        reserve.end(now, written, wanted > 0);
    }

    /** Whether it holds calls back since they cannot be saved. */
    boolean isStopped() {
        return reserve.isStopped();
    }

    @Override
    boolean worthSaving(long now) {
        if (reserve.isSaved()) {
            return !idle(now);
        }
        return !gate.idle(now) || margin.nanos(now, window) > 0 || (view != null && !view.idle(now, window));
    }

    @Override
    SavedAccount.Counter save(long now, int reserved) {
        boolean counted = reserve.isSaved();
        return new SavedAccount.Counter(
                limit,
                variable,
                counted ? arrived(now) : List.of(),
                counted ? arrivals.inFlight() : 0,
                reserved,
                closedFor(now),
                margin.steps(),
                view == null ? 0 : view.lowered(),
                view == null ? 0 : view.foreign(now, window));
    }

    private List<SavedAccount.Arrived> arrived(long now) {
        List<SavedAccount.Arrived> arrived = new ArrayList<>();
        switch (arrivals) {
            case ArrivalWindow log -> {
                log.used(now);
                for (int entry = 0; entry < log.log().size(); entry++) {
                    arrived.add(new SavedAccount.Arrived(
                            now - log.log().time(entry), log.log().permits(entry)));
                }
            }
            case ArrivalBucket bucket -> {
                int level = (int) (bucket.used(now) - bucket.inFlight());
                if (level > 0) {
                    arrived.add(new SavedAccount.Arrived(0, level));
                }
            }
        }
        return arrived;
    }

    @Override
    void restore(long now, long ago, SavedAccount.Counter counter) {
        super.restore(now, ago, counter);
        count(now - ago, counter.arrivals());
        margin.restore(now, counter.marginSteps());
        if (counter.lowered() > 0 || counter.foreign() > 0) {
            view = new VendorView();
            view.restore(now, window, counter.lowered(), counter.foreign());
        }
    }

    /** Counts permits that may have been sent until then. More than all of it cannot be missing. */
    void countUnsettled(long until, long permits) {
        // They come on top of what is saved, even if it is the whole limit: that may be about to be forgotten.
        int taken = (int) Math.min(rate.permits(), permits);
        if (taken > 0) {
            arrivals.take(taken);
            arrivals.settle(until + skew, taken);
        }
    }

    private void count(long at, List<SavedAccount.Arrived> taken) {
        for (SavedAccount.Arrived arrived : taken) {
            switch (arrivals) {
                case ArrivalWindow log -> log.log(at - arrived.agoNanos(), arrived.permits());
                case ArrivalBucket bucket -> bucket.fill(at - arrived.agoNanos(), arrived.permits());
            }
        }
    }
}
