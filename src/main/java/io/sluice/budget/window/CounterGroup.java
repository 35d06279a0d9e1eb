package io.sluice.budget.window;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one limit: a single one, or one per variable, created on demand and dropped when idle. Guarded by the
 * account's lock.
 */
public final class CounterGroup {
    /**
     * The number of crashes within two windows that are distinguished; of more, the oldest count as later than
     * they were.
     */
    private static final int MOST_CRASHES = 16;

    private final LatencyJitter latency;
    private final @Nullable CheckpointSchedule schedule;
    /** One for all counters: the vendor counts each user the same way. */
    private final BurstHistory bursts = new BurstHistory();

    private final Limit defined;
    private Limit limit;
    /** True while the limit is changed at run time. */
    private boolean bound;
    /** The counter that the whole account shares. */
    private @Nullable LimitCounter shared;
    /** The counters by variable, the one that has been idle longest first; most limits have none. */
    private Map<String, LimitCounter> byVariable = Map.of();
    /** The assumed use of a counter before this process that was not saved; the oldest first. */
    private final Deque<AssumedUse> unseen = new ArrayDeque<>();
    /** The reserve of checkpoints for counters that are not in them; for limits with a window. */
    private final @Nullable CrashReserve reserve;

    /** Permits that count as used at a time. */
    private record AssumedUse(long at, int permits) {}

    /**
     * The counters of a limit, none as yet.
     *
     * @param schedule when the account is saved; null if it never is
     */
    public CounterGroup(Limit limit, LatencyJitter latency, @Nullable CheckpointSchedule schedule) {
        this.defined = limit;
        this.limit = limit;
        this.latency = latency;
        this.schedule = schedule;
        reserve = limit instanceof Limit.Rate rate ? new CrashReserve(schedule, rate) : null;
    }

    /** The limit as it is defined, or was changed at run time. */
    public Limit limit() {
        return limit;
    }

    /** The counter for a variable; for none, that of the whole account. */
    public LimitCounter get(String variable) {
        if (variable.isEmpty()) {
            LimitCounter counter = shared == null ? newCounter("") : shared;
            shared = counter;
            return counter;
        }
        if (byVariable.isEmpty()) {
            byVariable = new LinkedHashMap<>(16, 0.75f, true);
        }
        return byVariable.computeIfAbsent(variable, this::newCounter);
    }

    private LimitCounter newCounter(String variable) {
        LimitCounter counter = switch (limit) {
            case Limit.Concurrency flights -> new ConcurrencyCounter(variable, flights);
            case Limit.Rate rate -> {
                CrashReserve own = reserve == null ? new CrashReserve(schedule, rate) : new CrashReserve(reserve);
                RateCounter rated = new RateCounter(variable, rate, latency, bursts, own);
                unseen.forEach(each -> rated.countUnsettled(each.at(), each.permits()));
                yield rated;
            }
        };
        counter.setBound(bound);
        return counter;
    }

    /**
     * Has counters that are created from now on start with permits that may have been used before, until {@code at}.
     */
    public void countUnseen(long at, int permits) {
        if (permits > 0) {
            if (unseen.size() == MOST_CRASHES) {
                AssumedUse oldest = unseen.removeFirst();
                AssumedUse next = unseen.removeFirst();
                unseen.addFirst(
                        new AssumedUse(next.at(), Math.min(limit.permits(), oldest.permits() + next.permits())));
            }
            unseen.addLast(new AssumedUse(at, permits));
        }
    }

    /** Begins a checkpoint that holds no counter: returns what holds for each that is not in it. */
    public CounterSnapshot.@Nullable Unsaved beginCheckpoint(long now) {
        return reserve == null ? null : unseen(now, reserve.beginUnseen());
    }

    /** The same for a checkpoint after which nothing is granted. */
    public CounterSnapshot.@Nullable Unsaved saveAtEnd(long now) {
        return reserve == null ? null : unseen(now, reserve.atEnd());
    }

    private CounterSnapshot.Unsaved unseen(long now, int reserved) {
        if (limit instanceof Limit.Rate rate) {
            // What a counter of either kind, with its margin, could still hold against its next call.
            long horizon = 3 * rate.window().toNanos();
            unseen.removeIf(each -> each.at() + horizon <= now);
        }
        return new CounterSnapshot.Unsaved(
                limit.name(),
                unseen.stream()
                        .map(each -> new CounterSnapshot.Arrival(now - each.at(), each.permits()))
                        .toList(),
                reserved);
    }

    /** Ends the checkpoint that was begun last. */
    public void endCheckpoint(long now, boolean written) {
        if (reserve != null) {
            reserve.end(now, written, false);
        }
        for (LimitCounter counter : all()) {
            if (counter instanceof RateCounter rate) {
                rate.endCheckpoint(now, written);
            }
        }
    }

    /** Resets its counters: drops what they have counted, and their estimates. */
    public void reset(long now) {
        unseen.clear();
        bursts.resume();
        all().forEach(counter -> counter.reset(now));
    }

    /** All counters that are alive. */
    public Collection<LimitCounter> all() {
        if (shared == null) {
            return byVariable.values();
        }
        List<LimitCounter> all = new ArrayList<>(1 + byVariable.size());
        all.add(shared);
        all.addAll(byVariable.values());
        return all;
    }

    /** Follows a limit that was changed at run time. */
    public void change(long now, Limit changed) {
        bound = true;
        follow(now, changed);
    }

    /** Follows the defined limit again. */
    public void restore(long now) {
        if (bound) {
            bound = false;
            follow(now, defined);
        }
    }

    private void follow(long now, Limit changed) {
        if (!changed.equals(limit)) {
            // The refusals were of another limit.
            bursts.clear();
        }
        limit = changed;
        if (reserve != null && changed instanceof Limit.Rate rate) {
            reserve.change(now, rate);
        }
        for (LimitCounter counter : all()) {
            counter.setBound(bound);
            counter.change(now, changed);
        }
    }

    /** Allows bursts again, as large as the part that went through of one that was refused. */
    public void resumeBursts() {
        bursts.resume();
    }

    /** True if bursts were stopped, since the vendor refused them. */
    public boolean isBurstStopped(long now) {
        return bursts.stopped(now);
    }

    /** The findings from refused bursts; null if the vendor refused none. */
    public CounterSnapshot.@Nullable BurstLimit saveBursts(long now) {
        return bursts.isUntaught() ? null : bursts.save(now);
    }

    /** Restores what was saved about bursts {@code ago} nanoseconds before now. */
    public void restoreBursts(long now, long ago, CounterSnapshot.BurstLimit saved) {
        bursts.restore(now, ago, saved);
    }

    /**
     * How many permits of each counter a process of the version before may have granted after its last checkpoint, if
     * it did not stop in order.
     */
    public int reserveOfVersionBefore() {
        return limit instanceof Limit.Rate rate ? CrashReserve.inVersionBefore(rate) : 0;
    }

    /**
     * Drops idle counters of variables; as those idle longest come first, it stops at one that is used. One that is
     * unused, but closed for long, must not keep the others.
     *
     * @return whether there are some left
     */
    public boolean sweep(long now) {
        if (shared != null) {
            shared.prune(now);
        }
        for (Iterator<LimitCounter> resting = byVariable.values().iterator(); resting.hasNext(); ) {
            LimitCounter counter = resting.next();
            if (counter.inUse(now)) {
                return true;
            }
            if (counter.wanted() == 0 && counter.idle(now)) {
                resting.remove();
            }
        }
        if (byVariable.isEmpty()) {
            byVariable = Map.of();
        }
        return !byVariable.isEmpty();
    }
}
