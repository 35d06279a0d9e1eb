package io.sluice.budget;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The counters of one limit: a single one, or one per variable that come and go. Guarded by the account's lock. */
final class Counters {
    private final DelaySpread delays;
    private final boolean saved;
    /** The one that rests longest first. */
    private final Map<String, Meter> byVariable = new LinkedHashMap<>(2, 0.75f, true);

    private Limit limit;

    Counters(Limit limit, DelaySpread delays, boolean saved) {
        this.limit = limit;
        this.delays = delays;
        this.saved = saved;
    }

    Limit limit() {
        return limit;
    }

    Meter get(String variable) {
        return byVariable.computeIfAbsent(variable, this::newMeter);
    }

    private Meter newMeter(String variable) {
        return switch (limit) {
            case Limit.InFlight flights -> new FlightMeter(variable, flights);
            case Limit.Rate rate -> {
                RateMeter meter = new RateMeter(variable, rate, delays);
                if (saved) {
                    meter.expectSaving();
                }
                yield meter;
            }
        };
    }

    Collection<Meter> all() {
        return byVariable.values();
    }

    void change(long now, Limit changed) {
        limit = changed;
        byVariable.values().forEach(meter -> meter.change(now, changed));
    }

    /** Drops counters of variables that rest; as they rest longest first, it stops at one that does not. */
    void sweep(long now) {
        for (Iterator<Meter> resting = byVariable.values().iterator(); resting.hasNext(); ) {
            Meter meter = resting.next();
            if (!meter.shared()) {
                if (meter.wanted > 0 || !meter.idle(now)) {
                    return;
                }
                resting.remove();
            }
        }
    }

    /** Whether there are counters that will be dropped some day. */
    boolean sweepable() {
        return byVariable.size() > 1 || (byVariable.size() == 1 && !byVariable.containsKey(""));
    }
}
