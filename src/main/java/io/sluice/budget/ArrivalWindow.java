package io.sluice.budget;

/**
 * A window that satisfies vendors with a log, with fixed windows of any phase and, if asked to, with a sliding counter
 * of any phase.
 *
 * <p>Answered permits are kept in a log, on no more than {@value #GRAINS} different moments a window: where a limit has
 * more permits than that, moments are rounded up to the next one. So the log is as short for a million calls a month
 * as for a hundred a second.
 */
final class ArrivalWindow implements Arrivals {
    private static final int GRAINS = 128;

    private final long window;
    private final long grain;
    private final boolean counterSafe;

    private final ArrivalLog log = new ArrivalLog();
    /** The first entry of the log that lies within one window; those before it only matter to a sliding counter. */
    private int young;

    private long youngPermits;
    private long oldPermits;
    private int inFlight;

    ArrivalWindow(Limit.Rate limit) {
        window = limit.window().toNanos();
        grain = limit.permits() > GRAINS ? Math.ceilDiv(window, GRAINS) : 1;
        // A limit of one call a window is a lock that expires, not a counter: of a counter it could never be used up.
        counterSafe = switch (limit.limiter()) {
            case COUNTER -> true;
            case UNKNOWN -> limit.permits() > 1;
            case FIXED, SLIDING, BUCKET -> false;
        };
    }

    /** How much later than its real time a moment is logged, on average. */
    long rounding() {
        return grain / 2;
    }

    /** Whether fewer calls than the limit's must be sent in a window, so that a sliding counter never is full. */
    boolean counterSafe() {
        return counterSafe;
    }

    @Override
    public long roomAt(long now, int wanted, int capacity) {
        age(now);
        if (inFlight + youngPermits + oldPermits + wanted <= capacity) {
            return now;
        }
        long at = logRoomAt(now, inFlight + youngPermits + wanted - capacity);
        return counterSafe && at == now ? counterRoomAt(now, wanted, capacity) : at;
    }

    private long logRoomAt(long now, long excess) {
        long stillExcess = excess;
        for (int entry = young; entry < log.size() && stillExcess > 0; entry++) {
            stillExcess -= log.permits(entry);
            if (stillExcess <= 0) {
                return log.time(entry) + window;
            }
        }
        return excess <= 0 ? now : Meter.NEVER;
    }

    /**
     * When a sliding counter has room, whatever its phase.
     *
     * <p>Such a counter is at {@code current + previous * (1 - age / window)}, age being that of the current window.
     * Between two arrivals a later start of the window weighs the previous one more; so the worst phase is one whose
     * current window starts with an arrival, or whose previous one does, and only these are looked at. With the sums of
     * all arrivals since the start of either window, each is one multiplication.
     */
    private long counterRoomAt(long now, int wanted, int capacity) {
        long at = now;
        int newest = log.size() - 1;

        int entry = newest;
        int behind = newest;
        long current = inFlight;
        long both = inFlight;
        for (; entry >= young; entry--) {
            long start = log.time(entry);
            current += log.permits(entry);
            for (; behind >= 0 && log.time(behind) >= start - window; behind--) {
                both += log.permits(behind);
            }
            if (start <= now) {
                at = Math.max(at, counterRoomAt(start, current, both - current, capacity - wanted));
            }
        }

        int ahead = newest;
        long sinceStart = inFlight;
        long sincePrevious = inFlight + youngPermits;
        for (; entry >= 0; entry--) {
            long start = log.time(entry) + window;
            sincePrevious += log.permits(entry);
            for (; log.time(ahead) >= start; ahead--) {
                sinceStart += log.permits(ahead);
            }
            at = Math.max(at, counterRoomAt(start, sinceStart, sincePrevious - sinceStart, capacity - wanted));
        }
        return at;
    }

    private long counterRoomAt(long start, long current, long previous, long most) {
        if (current > most) {
            return start + window;
        }
        if (current + previous <= most) {
            return start;
        }
        return start + (long) Math.ceil(window * (1 - (double) (most - current) / previous));
    }

    @Override
    public void take(int permits) {
        inFlight += permits;
    }

    @Override
    public void giveBack(int permits) {
        inFlight -= permits;
    }

    @Override
    public void settle(long latest, int permits) {
        inFlight -= permits;
        log(latest, permits);
    }

    /** Counts permits as having arrived at {@code latest}. */
    void log(long latest, int permits) {
        youngPermits += permits;
        log.add(Math.ceilDiv(latest, grain) * grain, permits);
    }

    /** Drops what was counted up to {@code time}: the vendor has begun to count anew. */
    void turnOver(long time) {
        while (log.size() > 0 && log.time(0) <= time) {
            forgetOldest();
        }
    }

    @Override
    public void forget(int permits) {
        while (young > 0) {
            forgetOldest();
        }
        int dropped = Math.toIntExact(Math.min(permits, youngPermits));
        youngPermits -= dropped;
        log.dropOldest(dropped);
    }

    @Override
    public long used(long now) {
        age(now);
        return inFlight + youngPermits;
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public boolean isEmpty(long now) {
        age(now);
        return inFlight == 0 && log.size() == 0;
    }

    ArrivalLog log() {
        return log;
    }

    @Override
    public long forecast(long now, long ahead, int capacity) {
        age(now);
        long rounds = ahead / capacity;
        long excess = inFlight + youngPermits + ahead % capacity + 1 - capacity;
        long at = logRoomAt(now, excess);
        return (at == Meter.NEVER ? now + window : at) + rounds * window;
    }

    private void age(long now) {
        while (young < log.size() && log.time(young) + window <= now) {
            youngPermits -= log.permits(young);
            oldPermits += log.permits(young);
            young++;
        }
        long horizon = counterSafe ? 2 * window : window;
        while (log.size() > 0 && log.time(0) + horizon <= now) {
            forgetOldest();
        }
    }

    private void forgetOldest() {
        int permits = log.removeOldest();
        if (young > 0) {
            young--;
            oldPermits -= permits;
        } else {
            youngPermits -= permits;
        }
    }
}
