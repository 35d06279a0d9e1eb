package io.sluice.budget.window;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A counter of permits in a window. A call passes if three agree: the {@link Arrivals}, which no vendor that counts as
 * it says can disagree with; the {@link HeaderEstimate}, where its headers show more than our own count; and the slot.
 *
 * <p>The slot makes nothing safer against a vendor that is as documented. It spreads what is left, so that an urgent
 * call finds the next permit near, and one team's burst does not keep another waiting. There are two kinds:
 *
 * <ul>
 *   <li><b>The slot in force</b>, for {@link Limiter#WINDOW} and wherever a burst is declared: the shortest even
 *     distance that the arrivals can keep up from now on ({@link ArrivalWindow#slot}). A call that finds no other
 *     waiting goes at once if the slot after it is at most two even ones, or what the burst leaves; every other
 *     goes one slot after the last grant. So an idle limit gives half of it at once, then the other half over a
 *     window, then all but one a window; and the next call waits two even slots at most. There is no other notion
 *     of rest, and no timer.
 *   <li><b>Even pacing</b> for all others: no call goes less than {@code (W + R) / N} after the last grant, R being the
 *     larger of mean round trip and its spread; over N - 1 where a sliding counter cannot be ruled out.
 * </ul>
 *
 * A limit over more than {@link #LONGEST_PACED} is a quota: to spread a thousand exports over a month would help no
 * team. Of one call a window nothing is left that could last. A bucket with a burst is as deep as that, and not
 * paced either.
 */
public final class RateCounter extends LimitCounter {
    private static final long LONGEST_PACED = 3_600_000_000_000L;
    private static final long LONGEST_SLOW = 60_000_000_000L;
    private static final long AT_ONCE = Long.MIN_VALUE / 2;

    private static final long NO_RESET = -1;
    /** Both an epoch and the date that it is read against are cut to a second. */
    private static final long EPOCH_ERROR = 2_000_000_000L;

    private static final long SHORTEST_WITH_EPOCHS = 3_000_000_000L;

    private static final int CLOCK_DRIFT = 8192;

    private final LatencyJitter latency;
    private final BurstHistory bursts;
    private final Pacer pacer = new Pacer();
    private final SafetyMargin margin = new SafetyMargin();
    private final CrashReserve reserve;
    private @Nullable HeaderEstimate estimate;
    private @Nullable WindowPhase phase;

    private Limit.Rate rate;
    private long window;
    private long skew;
    private Arrivals arrivals;
    private long slowUntil = Long.MIN_VALUE;
    /** How many permits went since the last call that kept its slot, that one included. */
    private int burst;
    /** Permits of attempts that were abandoned and that nothing has shown to be counted: open for good, if need be. */
    private int lost;

    private long lostAt;
    /** Permits settled since the counter began. */
    private long settled;

    private long inquiries;
    private @Nullable VendorReport report;
    /** True while the limit is changed at run time: its number is a bound then, no guess. */
    private boolean bound;

    /** @param reserve the permits that may be granted before they are saved */
    RateCounter(String variable, Limit.Rate limit, LatencyJitter latency, BurstHistory bursts, CrashReserve reserve) {
        super(limit.name(), variable);
        this.latency = latency;
        this.bursts = bursts;
        this.reserve = reserve;
        rate = limit;
        window = limit.window().toNanos();
        skew = skew(limit);
        arrivals = newArrivals(limit);
    }

    /** The limit as it is defined, or was changed at run time: what headers tell is not in it. */
    Limit.Rate definition() {
        return rate;
    }

    /** Against vendors that read their clock in steps, and clocks that tick a little differently. */
    private static long skew(Limit.Rate limit) {
        return limit.tick().toNanos() + limit.window().toNanos() / CLOCK_DRIFT;
    }

    private static Arrivals newArrivals(Limit.Rate limit) {
        return limit.limiter() == Limiter.BUCKET && limit.burst() != Limit.Rate.NO_BURST
                ? new ArrivalBucket(limit)
                : new ArrivalWindow(limit);
    }

    @Override
    long roomAt(long now, int permits, BurstAllowance allowance) {
        turnOver(now);
        long at = roomAsItStands(now, permits, allowance);
        if (at > now) {
            return Math.min(at, easesAt(now));
        }
        // Checked last: a checkpoint begins for a call that nothing else holds back.
        return reserve.holdsBack(now, Math.min(permits, capacity(now))) ? Times.NEVER : at;
    }

    /** When time alone may next make more room: then another check is worthwhile. */
    private long easesAt(long now) {
        long at = Math.min(slow(now) ? slowUntil : Times.NEVER, bursts.resumesAt(now));
        if (slow(now) && arrivals instanceof ArrivalWindow arrived) {
            // At half rate a slot may reach beyond what is freed next, and gets shorter then.
            at = Math.min(at, arrived.nextFreedAt(now));
        }
        if (phase != null) {
            at = Math.min(at, phase.turnsOverAt());
        }
        return estimate == null ? at : Math.min(at, estimate.foreignFadesAt(now, window));
    }

    private long roomAsItStands(long now, int permits, BurstAllowance allowance) {
        int capacity = capacity(now);
        int needed = Math.min(permits, capacity);
        long due = due(now, needed, allowance, capacity);
        if (due > now) {
            return due;
        }
        return report == null ? countsAllow(now, needed, capacity) : report.roomAt(now, permits, arrivals, rate);
    }

    /** When the vendor's headers and the arrivals let so many permits pass. */
    private long countsAllow(long now, int needed, int capacity) {
        if (report != null) {
            return report.roomAt(now, needed, arrivals, rate);
        }
        long told = estimate == null ? now : estimate.roomAt(now, needed);
        if (told > now) {
            return told;
        }
        long at = arrivals.roomAt(now, needed, capacity);
        if (at <= now || lost == 0 || lost < arrivals.inFlight()) {
            return at;
        }
        // No response is to come any more that could make room. So one call at a time probes the vendor, once it counts
        // none of those that were abandoned: a sliding counter weighs the window before the current one, too.
        boolean counterSafe = arrivals instanceof ArrivalWindow arrived && arrived.counterSafe();
        long probe =
                Math.max(lostAt + (counterSafe ? 2 * window : window), arrivals.roomAt(now, needed, capacity + lost));
        return Math.min(at, Math.max(now, probe));
    }

    @Override
    public boolean mayGoAtOnce(long now, int permits, boolean unbounded) {
        turnOver(now);
        int capacity = capacity(now);
        int needed = Math.min(permits, capacity) + (int) Math.min(promised, capacity);
        return cooldown.opensAt(now) <= now
                // A burst may take all that a bucket holds.
                && (arrivals instanceof ArrivalBucket
                        || atOnceAt(
                                        now,
                                        needed,
                                        unbounded ? BurstAllowance.UNBOUNDED : BurstAllowance.BOUNDED,
                                        capacity)
                                <= now)
                && countsAllow(now, needed, capacity) <= now;
    }

    /** When the slot of a call is due, or {@link #AT_ONCE} if it need not wait for one. */
    private long due(long now, int needed, BurstAllowance allowance, int capacity) {
        if (!unpaced(capacity) && arrivals instanceof ArrivalWindow arrived && lasts(now)) {
            long slot = arrived.slot(now, pacer.last(), needed, capacity, span());
            // If nothing is left, the arrivals give the time to check again.
            long due = slot == Times.NEVER ? AT_ONCE : pacer.last() + needed * (slow(now) ? slowly(slot) : slot);
            return due <= now ? due : Math.min(due, atOnceAt(now, needed, allowance, capacity));
        }
        return pacer.evenlyAt();
    }

    /**
     * When so many permits may go before their slot, for a call that found no other waiting: the slot after them is
     * short enough then.
     */
    private long atOnceAt(long now, int needed, BurstAllowance allowance, int capacity) {
        if (allowance == BurstAllowance.NONE
                || slow(now)
                || unpaced(capacity)
                || !(arrivals instanceof ArrivalWindow arrived && lasts(now))) {
            return Times.NEVER;
        }
        boolean untaught = bursts.isUntaught();
        if (untaught && (allowance == BurstAllowance.UNBOUNDED || rate.burst() >= capacity)) {
            return now;
        }
        long span = span();
        long longest = rate.burst() == Limit.Rate.NO_BURST
                ? Math.ceilDiv(2 * span, capacity)
                : Math.ceilDiv(span, Math.max(1, capacity - rate.burst()));
        if (!untaught) {
            longest = Math.min(longest, Math.ceilDiv(span, capacity - Math.min(bursts.most(), capacity - 1)));
        }
        return arrived.atOnceAt(now, needed, capacity, span, longest);
    }

    /** True if the slot in force is kept, and not even pacing. */
    private boolean lasts(long now) {
        return rate.bursts() && !bursts.stopped(now);
    }

    private boolean unpaced(int capacity) {
        return window > LONGEST_PACED || (capacity == 1 && arrivals instanceof ArrivalWindow);
    }

    /** For how long an answered call counts. */
    private long span() {
        return window + margin.nanos(window) + skew;
    }

    private boolean slow(long now) {
        return now < slowUntil;
    }

    private static long slowly(long distance) {
        return 2 * distance;
    }

    /** Nanoseconds from one permit to the next where they are paced evenly; zero if they are not paced. */
    private long step(long now) {
        long permits = usable(now);
        if (unpaced(capacity(now))) {
            return slow(now) && window <= LONGEST_PACED ? slowly(span()) : 0;
        }
        switch (arrivals) {
            case ArrivalBucket bucket -> {
                long refill = Math.ceilDiv(span(), permits);
                bucket.refillEvery(now, refill);
                return slow(now) ? slowly(refill) : 0;
            }
            case ArrivalWindow arrived -> {
                long hold = Math.max(latency.jitter(), latency.mean()) + arrived.rounding();
                boolean knownPhase = phase != null && phase.known();
                long span = knownPhase ? window : span() + Math.min(hold, window);
                long step = Math.ceilDiv(span, Math.max(1, arrived.counterSafe() ? permits - 1 : permits));
                return slow(now) ? slowly(step) : step;
            }
        }
    }

    /** The permits of a window that are ours. */
    private int usable(long now) {
        if (report != null) {
            return Math.max(1, report.capacity(now, rate));
        }
        return estimate == null
                ? rate.permits()
                : Math.max(1, estimate.permits(rate.permits()) - estimate.foreign(now, window));
    }

    /** How many permits may count at once. */
    private int capacity(long now) {
        if (arrivals instanceof ArrivalBucket bucket) {
            int depth = bursts.stopped(now) ? 1 : Math.min(bucket.depth(), bursts.most());
            return Math.min(depth, usable(now));
        }
        return usable(now);
    }

    private void turnOver(long now) {
        if (phase != null && phase.turnedOver(now) && arrivals instanceof ArrivalWindow arrived) {
            arrived.turnOver(phase.turnedOverAt());
        }
    }

    @Override
    public int take(long now, int permits, BurstAllowance allowance) {
        int capacity = capacity(now);
        long due = due(now, Math.min(permits, capacity), BurstAllowance.NONE, capacity);
        long step = step(now);
        // A bucket has no slots; what goes earlier than it refills is a burst of it.
        boolean keepsSlot =
                arrivals instanceof ArrivalBucket bucket ? pacer.last() + bucket.refill() <= now : due <= now;
        int before = keepsSlot || allowance == BurstAllowance.NONE ? PACED : burst;
        burst = permits + (before == PACED ? 0 : burst);
        pacer.take(now, due, permits * step);
        margin.take(now, window, permits, capacity);
        arrivals.take(permits);
        if (estimate != null) {
            estimate.take(permits);
        }
        reserve.take(now, permits, wanted() > 0);
        return before;
    }

    @Override
    public void refusedInBurst(long now, long grantedAt, int before) {
        bursts.refused(now, grantedAt, before);
    }

    @Override
    public void release(int permits) {
        pacer.release();
        arrivals.release(permits);
        if (estimate != null) {
            estimate.release(permits);
        }
    }

    @Override
    public void settle(long now, int permits) {
        arrivals.settle(now + skew + margin.nanos(window), permits);
        settled += permits;
    }

    /** Begins an inquiry of the vendor, and returns its number. */
    public long inquire() {
        return ++inquiries;
    }

    /** How many permits have been settled since it began. */
    public long settled() {
        return settled;
    }

    /** Takes over a report on all calls that the vendor counts, unless a later inquiry's has overtaken it. */
    public void report(long now, ReportedUse said) {
        if (report != null && !report.precedes(said)) {
            return;
        }
        long counted = arrivals.used(now) - arrivals.inFlight() - (settled - said.settled());
        VendorReport news = VendorReport.of(now, said, said.mayRaise() && !bound);
        long others = news.used(rate, said.remaining()) - Math.max(0, counted);
        arrivals.discard((int) Math.max(0, -others));
        report = news.foreign((int) Math.max(0, others));
    }

    @Override
    public void abandon(long now, int permits) {
        lost += permits;
        lostAt = now;
    }

    @Override
    public void settleGivenUp(long now, int permits) {
        lost -= permits;
        settle(now, permits);
    }

    @Override
    public boolean observe(long now, long sentAt, LimitReading reading) {
        if (estimate == null) {
            estimate = new HeaderEstimate();
        }
        int before = estimate.permits(rate.permits());
        int documented =
                arrivals instanceof ArrivalBucket bucket && reading.permits().isEmpty()
                        ? bucket.depth()
                        : rate.permits();
        boolean fixed = rate.limiter() == Limiter.FIXED;
        long resetIn = resetIn(reading);
        estimate.observe(
                now,
                sentAt,
                reading,
                resetIn,
                new HeaderEstimate.Own(arrivals.used(now), arrivals.inFlight(), documented, window, fixed));
        if (fixed && resetIn != NO_RESET) {
            phase = phase == null ? new WindowPhase(window) : phase;
            phase.observe(now, sentAt, resetIn, reading.epoch());
        }
        return estimate.permits(rate.permits()) < before;
    }

    /** In how many nanoseconds the vendor counts anew; {@link #NO_RESET} if its reset is no reading. */
    private long resetIn(LimitReading reading) {
        long in = reading.resetIn().map(Duration::toNanos).orElse(NO_RESET);
        boolean plausible = in >= 0 && in <= window + EPOCH_ERROR;
        boolean exact = !reading.epoch() || window > SHORTEST_WITH_EPOCHS;
        return plausible && exact ? in : NO_RESET;
    }

    @Override
    public boolean showsForeignUse(long now) {
        return estimate != null && estimate.foreign(now, window) > 0;
    }

    @Override
    public boolean mayBeOurFault(long now) {
        return !showsForeignUse(now) && 2 * arrivals.used(now) > capacity(now);
    }

    @Override
    public void widenMargin(long now) {
        margin.widen(now);
    }

    @Override
    public void slowDown(long now) {
        slowUntil = now + Math.min(window, LONGEST_SLOW);
    }

    @Override
    public long forecast(long now, long ahead, BurstAllowance allowance) {
        long open = allowance == BurstAllowance.NONE ? forecastOpen(now, ahead) : now;
        long at = Math.max(Math.max(cooldown.closedUntil(), open), reserve.forecast(now, 1));
        long told = report == null ? now : report.roomAt(now, ahead + 1, arrivals, rate);
        // Delays that depend on responses are predicted by the arrivals.
        return told == Times.NEVER ? at : Math.max(at, told);
    }

    private long forecastOpen(long now, long ahead) {
        int capacity = capacity(now);
        long step = step(now);
        if (!unpaced(capacity) && arrivals instanceof ArrivalWindow arrived && lasts(now)) {
            // Those that go before their slots, except for a checkpoint that they wait for, go now.
            int promisedAhead = (int) Math.min(promised, ahead);
            long last = promisedAhead > 0 ? now : pacer.last();
            return arrived.lastingAt(now, last, promisedAhead, ahead - promisedAhead, capacity, span(), step);
        }
        long paced = Math.max(now, pacer.evenlyAt()) + ahead * step;
        return Math.max(paced, arrivals.forecast(now, ahead, capacity));
    }

    @Override
    public long forecastWithAnswers(long now, long ahead, BurstAllowance allowance) {
        return forecast(now, ahead, allowance);
    }

    @Override
    public Usage usage(long now) {
        turnOver(now);
        if (report != null) {
            return new Usage(
                    report.permits(rate), arrivals.used(now), report.foreignAt(now, rate), margin.nanos(window));
        }
        return new Usage(
                estimate == null ? rate.permits() : estimate.permits(rate.permits()),
                arrivals.used(now),
                estimate == null ? 0 : estimate.foreign(now, window),
                margin.nanos(window));
    }

    @Override
    void change(long now, Limit limit) {
        List<CounterSnapshot.Arrival> taken = arrived(now);
        int inFlight = arrivals.inFlight();
        rate = (Limit.Rate) limit;
        window = rate.window().toNanos();
        skew = skew(rate);
        arrivals = newArrivals(rate);
        phase = null;
        arrivals.take(inFlight);
        count(now, taken);
        reserve.change(now, rate);
        pacer.restep(step(now));
    }

    @Override
    void setBound(boolean isBound) {
        bound = isBound;
        report = report == null || !isBound ? report : report.bounded();
    }

    @Override
    void prune(long now) {
        arrivals.used(now);
    }

    @Override
    boolean inUse(long now) {
        return !arrivals.isEmpty(now) && (lost == 0 || arrivals.used(now) > lost);
    }

    @Override
    boolean idle(long now) {
        return arrivals.isEmpty(now)
                && due(now, 1, BurstAllowance.NONE, capacity(now)) <= now
                && cooldown.idle(now)
                && report == null
                && margin.isExpired(now)
                && (estimate == null || estimate.idle(now, window));
    }

    @Override
    void reset(long now) {
        super.reset(now);
        int inFlight = arrivals.inFlight();
        arrivals = newArrivals(rate);
        arrivals.take(inFlight);
        pacer.reset();
        margin.restore(now, 0);
        estimate = null;
        phase = null;
        report = null;
        slowUntil = Long.MIN_VALUE;
        burst = 0;
    }

    /** The permits that the pace grants without a pause; of a limit that is not paced, all that is left. */
    @Override
    long roomAtOnce(long now) {
        long slots = roomAsItStands(now, 1, BurstAllowance.NONE) > now ? 0 : 1;
        long free = capacity(now) - arrivals.used(now);
        boolean paced = arrivals instanceof ArrivalWindow && !unpaced(capacity(now));
        return slots == 1 && !paced && step(now) == 0 ? free : Math.min(free, promised + slots);
    }

    /**
     * Begins a checkpoint, which may rely on the permits granted so far; returns how much it reserves.
     *
     * @param atOnce how many of the permits that are waited for could be granted this moment
     */
    public int beginCheckpoint(long atOnce) {
        return reserve.begin(wanted(), atOnce);
    }

    /** Ends the checkpoint. */
    void endCheckpoint(long now, boolean written) {
        reserve.end(now, written, wanted() > 0);
    }

    /** True if it holds calls back since they cannot be saved. */
    public boolean isStopped() {
        return reserve.isStopped();
    }

    @Override
    public boolean worthSaving(long now) {
        if (reserve.isSaved()) {
            return !idle(now);
        }
        return !cooldown.idle(now) || margin.nanos(window) > 0 || (estimate != null && !estimate.idle(now, window));
    }

    @Override
    public CounterSnapshot save(long now, int reserved) {
        boolean counted = reserve.isSaved();
        return new CounterSnapshot(
                limit,
                variable,
                counted ? arrived(now) : List.of(),
                counted ? arrivals.inFlight() : 0,
                reserved,
                closedFor(now),
                margin.steps(),
                estimate == null ? 0 : estimate.lowered(),
                estimate == null ? 0 : estimate.foreign(now, window),
                report == null ? null : report.saved(now));
    }

    private List<CounterSnapshot.Arrival> arrived(long now) {
        List<CounterSnapshot.Arrival> arrived = new ArrayList<>();
        switch (arrivals) {
            case ArrivalWindow log -> {
                log.used(now);
                for (int entry = 0; entry < log.log().size(); entry++) {
                    arrived.add(new CounterSnapshot.Arrival(
                            now - log.log().time(entry), log.log().permits(entry)));
                }
            }
            case ArrivalBucket bucket -> {
                int level = (int) (bucket.used(now) - bucket.inFlight());
                if (level > 0) {
                    arrived.add(new CounterSnapshot.Arrival(0, level));
                }
            }
        }
        return arrived;
    }

    @Override
    public void restore(long now, long ago, CounterSnapshot counter) {
        super.restore(now, ago, counter);
        count(now - ago, counter.arrivals());
        margin.restore(now, counter.marginSteps());
        if (counter.reported() != null) {
            report = VendorReport.restored(now - ago, counter.reported());
        }
        if (counter.lowered() > 0 || counter.foreign() > 0) {
            estimate = new HeaderEstimate();
            estimate.restore(now, window, counter.lowered(), counter.foreign());
        }
    }

    /** Counts permits that may have been sent until then. No more can be taken than the limit has. */
    public void countUnsettled(long until, long permits) {
        // They come on top of what is saved, even if it is the whole limit: that may be about to expire.
        int taken = (int) Math.min(rate.permits(), permits);
        if (taken > 0) {
            arrivals.take(taken);
            arrivals.settle(until + skew, taken);
            pacer.resume(until);
        }
    }

    private void count(long at, List<CounterSnapshot.Arrival> taken) {
        for (CounterSnapshot.Arrival arrived : taken) {
            arrivals.arrived(at - arrived.agoNanos(), arrived.permits());
            // It went before its response, to which the skew was added: five minutes for a limit of a month.
            pacer.resume(Math.min(at, at - arrived.agoNanos() - skew));
        }
    }
}
