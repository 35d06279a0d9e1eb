package io.sluice.budget.window;

/**
 * Arrivals at a window of unknown kind: satisfies vendors with a log, with fixed windows of any phase and, if asked to,
 * with a sliding counter of any phase.
 *
 * <p>Permits with a response are kept in a log, on no more than {@value #GRAINS} different moments a window: where a
 * limit has more permits than that, moments are rounded up to the next one. So the log is as short for a million calls
 * a month as for a hundred a second.
 */
final class ArrivalWindow extends Arrivals {
    private static final int GRAINS = 1024;

    private final long window;
    private final long grain;
    private final boolean counterSafe;
    /** True if the sum of all ages fits into a long. */
    private final boolean looks;

    private final ArrivalLog log = new ArrivalLog();
    /** The first entry of the log that lies within one window; those before it only matter to a sliding counter. */
    private int young;

    private long youngPermits;
    private long oldPermits;
    /** The times of the old entries, once for each of their permits; exact as long as {@link #looks}. */
    private long oldTimes;

    ArrivalWindow(Limit.Rate limit) {
        window = limit.window().toNanos();
        grain = limit.permits() > GRAINS ? Math.ceilDiv(window, GRAINS) : 1;
        looks = limit.permits() <= Long.MAX_VALUE / window / 4;
        counterSafe = switch (limit.limiter()) {
            case UNKNOWN, WINDOW, COUNTER -> true;
            case FIXED, SLIDING, BUCKET -> false;
        };
    }

    /** How much later than its real time a moment is logged, on average. */
    long rounding() {
        return grain / 2;
    }

    /** True if it satisfies sliding counters: those cannot be used up at an even pace. */
    boolean counterSafe() {
        return counterSafe;
    }

    @Override
    long roomAt(long now, int wanted, int capacity) {
        age(now);
        if (inFlight() + youngPermits + oldPermits + wanted <= capacity) {
            return now;
        }
        long at = logRoomAt(now, inFlight() + youngPermits + wanted - capacity);
        // Of a counter of one call a window, only every other window could be used: it is taken for a lock with a
        // lease. Where only one is left of more, what went before still counts in it.
        int counted = Math.max(2, capacity);
        return at > now || !counterSafe || surelyBelow(now, wanted, counted) ? at : counterRoomAt(now, wanted, counted);
    }

    /**
     * True if a sliding counter has room whatever its phase, by a quick estimate: an old arrival weighs most in the
     * window that begins right with it, which is {@code 2 - age / window}.
     */
    private boolean surelyBelow(long now, int wanted, int capacity) {
        // The sums may overflow on the way, but the result fits: at most one window for each old arrival.
        return looks
                && oldPermits <= 2L * capacity
                && oldPermits * (2 * window - now) + oldTimes
                        <= (capacity - wanted - inFlight() - youngPermits) * window;
    }

    private long logRoomAt(long now, long excess) {
        long stillExcess = excess;
        for (int entry = young; entry < log.size() && stillExcess > 0; entry++) {
            stillExcess -= log.permits(entry);
            if (stillExcess <= 0) {
                return log.time(entry) + window;
            }
        }
        return excess <= 0 ? now : Times.NEVER;
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
        long current = inFlight();
        long both = inFlight();
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
        long sinceStart = inFlight();
        long sincePrevious = inFlight() + youngPermits;
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

    /** When {@code current + previous * (1 - (t - start) / window)} comes down to {@code most}, to the nanosecond. */
    private long counterRoomAt(long start, long current, long previous, long most) {
        if (current > most) {
            return start + window;
        }
        long room = most - current;
        if (previous <= room) {
            return start;
        }
        // start + window - t is to be at most room * window / previous, of which the product might not fit.
        return start + window - room * (window / previous) - room * (window % previous) / previous;
    }

    /**
     * The slot in force: the shortest even distance, counted from {@code last}, at which what is left lasts until more
     * is freed. The longest of (time until an entry is freed) / (what is left and freed before it), open calls being
     * freed in {@code span}; never below {@code span / capacity}.
     *
     * @return nanoseconds for each permit, rounded up; {@link Times#NEVER} if none is left, or not
     *     {@code needed}
     */
    long slot(long now, long last, int needed, int capacity, long span) {
        age(now);
        long left = capacity - inFlight() - youngPermits;
        if (left < Math.max(1, needed)) {
            return Times.NEVER;
        }
        long longest = Math.ceilDiv(span, capacity);
        for (int entry = young; entry < log.size(); entry++) {
            longest = Math.max(longest, Math.ceilDiv(log.time(entry) + window - last, left));
            left += log.permits(entry);
        }
        return inFlight() > 0 ? Math.max(longest, Math.ceilDiv(span, left)) : longest;
    }

    /**
     * When the slot after {@code more} permits is no longer than {@code longest}, should they go then: {@code now}, or
     * a time before which it is not unless a response changes that; {@link Times#NEVER} if only a response can.
     */
    long atOnceAt(long now, long more, int capacity, long span, long longest) {
        age(now);
        long left = capacity - inFlight() - youngPermits - more;
        if (left <= 0) {
            return nextFreedAt(now);
        }
        long at = now;
        long enough = Long.MAX_VALUE / longest;
        for (int entry = young; entry < log.size() && left < enough; entry++) {
            at = Math.max(at, log.time(entry) + window - longest * left);
            left += log.permits(entry);
        }
        return left >= enough || Math.ceilDiv(span, left) <= longest ? at : Times.NEVER;
    }

    /** When time alone next frees something; {@link Times#NEVER} if there is nothing. */
    long nextFreedAt(long now) {
        age(now);
        return young < log.size() ? log.time(young) + window : Times.NEVER;
    }

    /**
     * When a permit goes that has {@code ahead} before it, each one slot after the other: the slots are the steps of
     * the steepest path, counted from {@code last}, below which the freed permits never fall.
     *
     * @param more permits that go now, before all these
     * @param step the distance of calls once all that counts now is freed
     */
    long lastingAt(long now, long last, int more, long ahead, int capacity, long span, long step) {
        age(now);
        long wanted = ahead + 1;
        int open = inFlight() + more;
        long left = capacity - open - youngPermits;
        // The corners of that path as far as it is known, each by the permits that go until then.
        int corners = 0;
        long[] counts = new long[log.size() - young + 3];
        long[] times = new long[counts.length];
        times[corners++] = last;
        long blockedUntil = now;
        for (int entry = young; entry <= log.size(); entry++) {
            boolean answers = entry == log.size();
            if (answers && open == 0) {
                break;
            }
            long time = answers ? now + span : log.time(entry) + window;
            if (left <= 0) {
                blockedUntil = Math.max(blockedUntil, time);
            } else {
                while (corners > 1 && !isCorner(counts, times, corners, left, time)) {
                    corners--;
                }
                counts[corners] = left;
                times[corners++] = time;
            }
            left += answers ? open : log.permits(entry);
        }
        long floor = Math.ceilDiv(span, capacity);
        int corner = 1;
        while (corner < corners
                && counts[corner] < wanted
                && times[corner] - times[corner - 1] >= floor * (counts[corner] - counts[corner - 1])) {
            corner++;
        }
        long rest = wanted - counts[corner - 1];
        long slot = corner < corners
                ? Math.max(floor, Math.ceilDiv(times[corner] - times[corner - 1], counts[corner] - counts[corner - 1]))
                : Math.max(floor, step);
        return Math.max(times[corner - 1] + rest * slot, blockedUntil + ahead * floor);
    }

    /** True if the last corner stays one if the path goes on to {@code (count, time)}: it only gets steeper. */
    private static boolean isCorner(long[] counts, long[] times, int corners, long count, long time) {
        long width = counts[corners - 1] - counts[corners - 2];
        long next = count - counts[corners - 1];
        return Math.ceilDiv(times[corners - 1] - times[corners - 2], width)
                > Math.floorDiv(time - times[corners - 1], next);
    }

    @Override
    void arrived(long latest, int permits) {
        youngPermits += permits;
        log.add(Math.ceilDiv(latest, grain) * grain, permits);
    }

    /** Drops what was counted up to {@code time}: the vendor's window has turned over. */
    void turnOver(long time) {
        while (log.size() > 0 && log.time(0) <= time) {
            forgetOldest();
        }
    }

    @Override
    void discard(int permits) {
        while (young > 0) {
            forgetOldest();
        }
        int dropped = Math.toIntExact(Math.min(permits, youngPermits));
        youngPermits -= dropped;
        log.dropOldest(dropped);
    }

    @Override
    long used(long now) {
        age(now);
        return inFlight() + youngPermits;
    }

    @Override
    boolean isEmpty(long now) {
        age(now);
        return inFlight() == 0 && log.size() == 0;
    }

    ArrivalLog log() {
        return log;
    }

    @Override
    long forecast(long now, long ahead, int capacity) {
        age(now);
        long rounds = ahead / capacity;
        long excess = inFlight() + youngPermits + ahead % capacity + 1 - capacity;
        long at = logRoomAt(now, excess);
        return (at == Times.NEVER ? now + window : at) + rounds * window;
    }

    private void age(long now) {
        while (young < log.size() && log.time(young) + window <= now) {
            youngPermits -= log.permits(young);
            oldPermits += log.permits(young);
            oldTimes += log.permits(young) * log.time(young);
            young++;
        }
        long horizon = counterSafe ? 2 * window : window;
        while (log.size() > 0 && log.time(0) + horizon <= now) {
            forgetOldest();
        }
    }

    private void forgetOldest() {
        long time = log.time(0);
        int permits = log.removeOldest();
        if (young > 0) {
            young--;
            oldPermits -= permits;
            oldTimes -= permits * time;
        } else {
            youngPermits -= permits;
        }
    }
}
