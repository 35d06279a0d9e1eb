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
    /** How much of a quota may be taken between two savings of it. */
    private static final int QUOTA_SHARE_AT_RISK = 100;

    private final DelaySpread delays;
    private final Pacer pacer = new Pacer();
    private final Margin margin = new Margin();
    private @Nullable VendorView view;
    private @Nullable FixedPhase phase;

    private Limit.Rate rate;
    private long window;
    private long skew;
    private Arrivals arrivals;
    private long slowUntil = Long.MIN_VALUE;
    private long burstUntil = Long.MIN_VALUE;
    /** Permits taken since the account was saved, or what counts as none if it never is. */
    private long unsaved;

    private long beingSaved;
    private boolean saved;
    /** Permits whose attempt was ever answered or given up. */
    private long settled;

    private long inquiries;
    private @Nullable VendorReport report;
    /** Whether somebody has changed the limit, so that it is no guess any more. */
    private boolean changed;

    RateMeter(String variable, Limit.Rate limit, DelaySpread delays) {
        super(limit.name(), variable);
        this.delays = delays;
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
        return at > now ? Math.min(at, easesAt(now)) : at;
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
        if (unsaved > 0 && unsaved + needed > atRisk()) {
            return NEVER;
        }
        if (report != null) {
            return report.roomAt(now, permits, arrivals, rate);
        }
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
        if (report != null) {
            return Math.max(1, report.capacity(now, rate));
        }
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
        unsaved += saved ? permits : 0;
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
        settled += permits;
    }

    Budget.Inquiry inquire(String account) {
        return new Budget.Inquiry(account, limit, ++inquiries, settled);
    }

    /** Takes over what the vendor says of all its calls, ours among them. */
    void report(long now, Budget.Inquiry inquiry, Budget.Report said) {
        if (report != null && !report.precedes(inquiry)) {
            return;
        }
        long counted = arrivals.used(now) - arrivals.inFlight() - (settled - inquiry.settled());
        VendorReport news = VendorReport.of(now, inquiry, said, said.mayRaise() && !changed);
        long others = news.used(rate, said.remaining()) - Math.max(0, counted);
        arrivals.forget((int) Math.max(0, -others));
        report = news.foreign((int) Math.max(0, others));
    }

    @Override
    boolean hear(long now, long sentAt, Answer.Reading reading) {
        if (view == null) {
            view = new VendorView();
        }
        int before = view.permits(rate.permits());
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
        return view.permits(rate.permits()) < before;
    }

    @Override
    boolean showsForeignUse(long now) {
        return view != null && view.foreign(now, window) > 0;
    }

    @Override
    boolean mayBeOurFault(long now) {
        return !showsForeignUse(now) && 2 * arrivals.used(now) > capacity(now);
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
        long paced = Math.max(now, pacer.readyAt(tolerance(now, step))) + ahead * step;
        long at = Math.max(Math.max(gate.closedUntil(), paced), arrivals.forecast(now, ahead, capacity(now)));
        long told = report == null ? now : report.roomAt(now, ahead + 1, arrivals, rate);
        // What depends on answers is foretold by the arrivals.
        return told == NEVER ? at : Math.max(at, told);
    }

    @Override
    long forecastWithAnswers(long now, long ahead) {
        return forecast(now, ahead);
    }

    @Override
    Standing standing(long now) {
        turnOver(now);
        if (report != null) {
            return new Standing(
                    report.permits(rate),
                    arrivals.used(now),
                    report.foreignAt(now, rate),
                    margin.nanos(now, window));
        }
        return new Standing(
                view == null ? rate.permits() : view.permits(rate.permits()),
                arrivals.used(now),
                view == null ? 0 : view.foreign(now, window),
                margin.nanos(now, window));
    }

    @Override
    void change(long now, Limit limit) {
        changed = true;
        report = report == null ? null : report.bounded();
        long oldStep = step(now);
        SavedAccount.Counter taken = save(now);
        int inFlight = arrivals.inFlight();
        rate = (Limit.Rate) limit;
        window = rate.window().toNanos();
        skew = FINEST_TICK + window / CLOCK_DRIFT;
        arrivals = newArrivals(rate);
        phase = null;
        arrivals.take(inFlight);
        count(now, taken.arrivals());
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
                && report == null
                && margin.nanos(now, window) == 0
                && (view == null || view.idle(now, window));
    }

    /** The most that may be taken between two savings. */
    private long atRisk() {
        long permits = rate.permits();
        if (window > LONGEST_PACED) {
            return Math.ceilDiv(permits, QUOTA_SHARE_AT_RISK);
        }
        long paced = permits * SavedAccount.PERIOD.toNanos() / window + 2;
        return Math.min(permits, rate.burst() + paced);
    }

    /** From now on no more is taken than {@link #atRisk} allows between one saving and the next. */
    void expectSaving() {
        saved = true;
    }

    @Override
    SavedAccount.Counter save(long now) {
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
        return new SavedAccount.Counter(
                limit,
                variable,
                arrived,
                arrivals.inFlight(),
                closedFor(now),
                margin.steps(),
                view == null ? 0 : view.lowered(),
                view == null ? 0 : view.foreign(now, window),
                report == null ? null : report.saved(now));
    }

    /** Notes that all that is taken now is being saved. */
    void beginSaving() {
        beingSaved = unsaved;
    }

    /** Notes that it is. */
    void endSaving() {
        unsaved -= beingSaved;
        beingSaved = 0;
    }

    @Override
    void restore(long now, long ago, SavedAccount.Counter counter, boolean complete) {
        super.restore(now, ago, counter, complete);
        count(now - ago, counter.arrivals());
        countUnsettled(now, counter.inFlight() + (complete ? 0 : atRisk()));
        margin.restore(now, counter.marginSteps());
        if (counter.reported() != null) {
            report = VendorReport.restored(now - ago, counter.reported());
        }
        if (counter.lowered() > 0 || counter.foreign() > 0) {
            view = new VendorView();
            view.restore(now, window, counter.lowered(), counter.foreign());
        }
    }

    /** Counts what a process that crashed before {@code restart} may have taken of it without saving that. */
    void mayHaveBeenTaken(long restart) {
        countUnsettled(restart, atRisk());
    }

    private void countUnsettled(long restart, long permits) {
        // When the process ended is not known, and what it had just sent may have arrived a moment later: as of now.
        // They come on top of what is saved, even if it is the whole limit: that may be about to be forgotten.
        int taken = (int) Math.min(rate.permits(), permits);
        if (taken > 0) {
            arrivals.take(taken);
            arrivals.settle(restart + skew, taken);
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
