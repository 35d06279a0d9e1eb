package io.sluice.budget;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The counters of one limit: a single one, or one per variable that come and go. Guarded by the account's lock. */
final class Counters {
    /** So many crashes within two windows are told apart; of more, the oldest count as later than they were. */
    private static final int MOST_CRASHES = 16;

    private final DelaySpread delays;
    private final @Nullable SavingSchedule schedule;
    /** One for all counters: the vendor counts each user the same way. */
    private final Bursts bursts = new Bursts();

    private Limit limit;
    /** The one that the whole account shares. */
    private @Nullable Meter shared;
    /** One a variable, the one that rests longest first; most limits have none. */
    private Map<String, Meter> byVariable = Map.of();
    /** What a counter may have used before this process that was not saved; the oldest first. */
    private final Deque<Unseen> unseen = new ArrayDeque<>();
    /** What savings reserve for counters that are not in them; for limits with a window. */
    private final @Nullable Reserve reserve;

    /** Permits that count as used at a time. */
    private record Unseen(long at, int permits) {}

    /** @param schedule when the account is saved; none if it never is */
    Counters(Limit limit, DelaySpread delays, @Nullable SavingSchedule schedule) {
        this.limit = limit;
        this.delays = delays;
        this.schedule = schedule;
        reserve = limit instanceof Limit.Rate rate ? new Reserve(schedule, rate) : null;
    }

    Limit limit() {
        return limit;
    }

    Meter get(String variable) {
        if (variable.isEmpty()) {
            Meter meter = shared == null ? newMeter("") : shared;
            shared = meter;
            return meter;
        }
        if (byVariable.isEmpty()) {
            byVariable = new LinkedHashMap<>(16, 0.75f, true);
        }
        return byVariable.computeIfAbsent(variable, this::newMeter);
    }

    private Meter newMeter(String variable) {
        return switch (limit) {
            case Limit.InFlight flights -> new FlightMeter(variable, flights);
            case Limit.Rate rate -> {
                Reserve own = reserve == null ? new Reserve(schedule, rate) : new Reserve(reserve);
                RateMeter meter = new RateMeter(variable, rate, delays, bursts, own);
                unseen.forEach(each -> meter.countUnsettled(each.at(), each.permits()));
                yield meter;
            }
        };
    }

    /** Takes counters that come from now on for such that may have been used before, until {@code at}. */
    void countUnseen(long at, int permits) {
        if (permits > 0) {
            if (unseen.size() == MOST_CRASHES) {
                Unseen oldest = unseen.removeFirst();
                Unseen next = unseen.removeFirst();
                unseen.addFirst(new Unseen(next.at(), Math.min(limit.permits(), oldest.permits() + next.permits())));
            }
            unseen.addLast(new Unseen(at, permits));
        }
    }

    /** Begins a saving that holds no counter: what it says of each that is not in it. */
    SavedAccount.@Nullable Unseen beginSaving(long now) {
        return reserve == null ? null : unseen(now, reserve.beginUnseen());
    }

    /** The same for a saving after which nothing is granted. */
    SavedAccount.@Nullable Unseen saveAtEnd(long now) {
        return reserve == null ? null : unseen(now, reserve.atEnd());
    }

    private SavedAccount.Unseen unseen(long now, int reserved) {
        if (limit instanceof Limit.Rate rate) {
            // What a counter of either kind, with its margin, could still hold against its next call.
            long horizon = 3 * rate.window().toNanos();
            unseen.removeIf(each -> each.at() + horizon <= now);
        }
        return new SavedAccount.Unseen(
                limit.name(),
                unseen.stream()
                        .map(each -> new SavedAccount.Arrived(now - each.at(), each.permits()))
                        .toList(),
                reserved);
    }

    void endSaving(long now, boolean written) {
        if (reserve != null) {
            reserve.end(now, written, false);
        }
        for (Meter meter : all()) {
            if (meter instanceof RateMeter rate) {
                rate.endSaving(now, written);
            }
        }
    }

    /** Forgets what its counters have counted and learned. */
    void reset(long now) {
        unseen.clear();
        bursts.resume();
        all().forEach(meter -> meter.reset(now));
    }

    Collection<Meter> all() {
        if (shared == null) {
            return byVariable.values();
        }
        List<Meter> all = new ArrayList<>(1 + byVariable.size());
        all.add(shared);
        all.addAll(byVariable.values());
        return all;
    }

    void change(long now, Limit changed) {
        if (!changed.equals(limit)) {
            // What was refused of another limit says nothing of this one.
            bursts.forget();
        }
        limit = changed;
        if (reserve != null && changed instanceof Limit.Rate rate) {
            reserve.change(now, rate);
        }
        all().forEach(meter -> meter.change(now, changed));
    }

    Bursts bursts() {
        return bursts;
    }

    /** Whether calls may go before their slot, and still do. */
    Budget.Bursting bursting(long now) {
        if (!(limit instanceof Limit.Rate rate) || !rate.bursts()) {
            return Budget.Bursting.NEVER;
        }
        return bursts.stopped(now) ? Budget.Bursting.STOPPED : Budget.Bursting.ALLOWED;
    }

    /**
     * Drops counters of variables that rest; as they rest longest first, it stops at one that is used. One that is not,
     * but closed for long, must not keep the others.
     *
     * @return whether there are some left
     */
    boolean sweep(long now) {
        if (shared != null) {
            shared.forget(now);
        }
        for (Iterator<Meter> resting = byVariable.values().iterator(); resting.hasNext(); ) {
            Meter meter = resting.next();
            if (meter.inUse(now)) {
                return true;
            }
            if (meter.wanted == 0 && meter.idle(now)) {
                resting.remove();
            }
        }
        if (byVariable.isEmpty()) {
            byVariable = Map.of();
        }
        return !byVariable.isEmpty();
    }
}
