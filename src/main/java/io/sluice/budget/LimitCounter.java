package io.sluice.budget;

import org.jspecify.annotations.Nullable;

/**
 * One counter of one limit: the permits taken from it, and the time at which there is room again. Not thread-safe: its
 * account's lock guards it. Times are nanoseconds of the budget's clock.
 */
abstract sealed class LimitCounter permits ConcurrencyCounter, RateCounter {
    /** Later than all times: until something else happens. */
    static final long NEVER = Long.MAX_VALUE;

    final String limit;
    /** Empty for the counter that the whole account shares. */
    final String variable;

    final Cooldown cooldown = new Cooldown();
    /** The calls that wait behind this counter only; null for one that the whole account shares. */
    @Nullable
    ParkedCalls parked;

    /** How many permits of it are waited for. */
    long wanted;

    /** How many of them by reads that go along with another's permit: estimates leave them out. */
    long along;

    /** How many of them by calls that may go at once: they only wait for another limit or a checkpoint. */
    long promised;

    /** How many of them by all others: a call that comes now finds these waiting. */
    long queued;

    LimitCounter(String limit, String variable) {
        this.limit = limit;
        this.variable = variable;
    }

    final boolean shared() {
        return variable.isEmpty();
    }

    /**
     * When {@code permits} may be taken: {@code now} if there is room, {@link #NEVER} if only a response makes room,
     * otherwise a time before which there is none unless a response changes that.
     */
    final long freeAt(long now, int permits, BurstAllowance allowance) {
        long opensAt = cooldown.opensAt(now);
        return opensAt > now ? opensAt : roomAt(now, permits, allowance);
    }

    abstract long roomAt(long now, int permits, BurstAllowance allowance);

    /** True if a call that comes now, when none is {@link #queued}, may go before its slot, after those promised. */
    abstract boolean mayGoAtOnce(long now, int permits, boolean unbounded);

    /** The value for a call that did not go before its slot. */
    static final int PACED = -1;

    /**
     * Takes permits for an attempt that is about to be sent.
     *
     * @return how many permits went before it in the same burst, if it goes before its slot; else {@link #PACED}
     */
    abstract int take(long now, int permits, BurstAllowance allowance);

    /**
     * Takes in the refusal of a call that went before its slot.
     *
     * @param before what {@link #take} returned for it
     */
    abstract void refusedInBurst(long now, long grantedAt, int before);

    /** About how many permits it would grant this moment, one call after the other, if all it grants could be saved. */
    final long atOnce(long now) {
        return cooldown.opensAt(now) > now ? 0 : roomAtOnce(now);
    }

    abstract long roomAtOnce(long now);

    /** Releases permits of an attempt that was never sent. */
    abstract void release(int permits);

    /** Starts to age permits whose attempt has a response: the vendor has counted it by now. */
    abstract void settle(long now, int permits);

    /**
     * Records that no response to an attempt will come, and that nothing has shown yet that the vendor has counted it.
     */
    abstract void abandon(long now, int permits);

    /** Starts to age permits whose attempt was abandoned: a response to a later one shows that it is counted by now. */
    abstract void settleGivenUp(long now, int permits);

    /**
     * Takes in a response, after its permits are settled.
     *
     * @return whether it shows for the first time a limit that is lower than before
     */
    abstract boolean observe(long now, long sentAt, LimitFeedback.LimitReading reading);

    /** True if the vendor's headers show foreign use. */
    abstract boolean showsForeignUse(long now);

    /**
     * True if our own traffic alone may explain the refusal that the vendor has just sent; called once it is settled.
     */
    abstract boolean mayBeOurFault(long now);

    /** Widens the margin after a refusal that was our fault. */
    abstract void widenMargin(long now);

    /** Paces slowly for one window, since the vendor has just reopened. */
    abstract void slowDown(long now);

    /**
     * About when it lets a call through that has {@code ahead} permits before it, if responses come at once.
     *
     * @param allowance whether the call may go before its slot
     */
    abstract long forecast(long now, long ahead, BurstAllowance allowance);

    /** About how long the same takes at the pace of recent responses; never less than by {@link #forecast}. */
    abstract long forecastWithAnswers(long now, long ahead, BurstAllowance allowance);

    abstract Usage usage(long now);

    /** Follows a changed limit; what is taken stays taken. */
    abstract void change(long now, Limit limit);

    /** True if it has something that must outlive a restart. */
    boolean worthSaving(long now) {
        return !idle(now);
    }

    /** The state that must outlive a crash, with {@code reserve} permits that may be granted after it. */
    abstract AccountSnapshot.Counter save(long now, int reserve);

    /** Restores what was saved {@code ago} nanoseconds before now, except for calls that had not ended. */
    void restore(long now, long ago, AccountSnapshot.Counter counter) {
        if (counter.closedForNanos() > ago) {
            cooldown.close(now + counter.closedForNanos() - ago);
        }
    }

    /** Drops its counts and estimates, and opens. Calls in flight stay counted. */
    void reset(long now) {
        cooldown.reopen();
    }

    /** For how much longer it is closed. */
    final long closedFor(long now) {
        return Math.max(0, cooldown.closedUntil() - now);
    }

    /** Drops what no longer counts. */
    abstract void prune(long now);

    /** True if permits of it are in flight, or still count. */
    abstract boolean inUse(long now);

    /** True if dropping it would change nothing. */
    abstract boolean idle(long now);

    /**
     * The usage of a counter.
     *
     * @param permits how many it has in all
     * @param used how many are taken and still count
     * @param foreign how many foreign use seems to take
     * @param margin nanoseconds added to the window
     */
    record Usage(long permits, long used, long foreign, long margin) {
        long remaining() {
            return Math.max(0, permits - foreign - used);
        }
    }
}
