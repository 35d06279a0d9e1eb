package io.sluice.budget;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The counters of one limit: a single one, or one per variable that come and go. Guarded by the account's lock. */
final class Counters {
    private final DelaySpread delays;
    private final boolean saved;
    /** One for all counters: the vendor counts each user the same way. */
    private final Bursts bursts = new Bursts();

    private Limit limit;
    /** The one that the whole account shares. */
    private @Nullable Meter shared;
    /** One a variable, the one that rests longest first; most limits have none. */
    private Map<String, Meter> byVariable = Map.of();
    /** When the process started, if the one before it may have used counters without saving that. */
    private OptionalLong crashedBefore = OptionalLong.empty();

    Counters(Limit limit, DelaySpread delays, boolean saved) {
        this.limit = limit;
        this.delays = delays;
        this.saved = saved;
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
                RateMeter meter = new RateMeter(variable, rate, delays, bursts);
                if (saved) {
                    meter.expectSaving();
                }
                crashedBefore.ifPresent(meter::mayHaveBeenTaken);
                yield meter;
            }
        };
    }

    /** Takes counters that come from now on for such that were used before a crash: nobody can tell. */
    void restartedAfterCrash(long now) {
        crashedBefore = OptionalLong.of(now);
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
