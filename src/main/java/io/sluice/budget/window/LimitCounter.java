package io.sluice.budget.window;

/**
 * One counter of one limit: the permits taken from it, and the time at which there is room again. Not thread-safe: its
 * account's lock guards it. Times are nanoseconds of the budget's clock.
 */
public abstract sealed class LimitCounter permits ConcurrencyCounter, RateCounter {
    /** The value for a call that did not go before its slot. */
    public static final int PACED = -1;

    final String limit;
    /** Empty for the counter that the whole account shares. */
    final String variable;

    final Cooldown cooldown = new Cooldown();

    /** How many permits are promised: to calls that may go at once, and only wait for another limit or a checkpoint. */
    long promised;

    /** How many permits all others wait for: a call that comes now finds these waiting. */
    private long queued;

    /** How many of the permits waited for are of reads that go along with another's permit: estimates leave them out. */
    private long along;

    LimitCounter(String limit, String variable) {
        this.limit = limit;
        this.variable = variable;
    }

    /** The name of its limit. */
    public final String limit() {
        return limit;
    }

    /** True for the counter that the whole account shares, and not only calls of one variable. */
    public final boolean shared() {
        return variable.isEmpty();
    }

    /** The cooldown that closes it when the vendor refuses a call. */
    public final Cooldown cooldown() {
        return cooldown;
    }

    /** How many permits of it are waited for. */
    public final long wanted() {
        return promised + queued;
    }

    /** True if a call that comes now finds others waiting that may not go at once. */
    public final boolean isQueued() {
        return queued > 0;
    }

    /** Adds permits to what is waited for, or subtracts them again if they are negative. */
    public final void expect(long permits, boolean mayGoAtOnce) {
        if (mayGoAtOnce) {
            promised += permits;
        } else {
            queued += permits;
        }
    }

    /** How many of the permits {@link #wanted} are of reads that go along with another's permit. */
    public final long along() {
        return along;
    }

    /** Adds permits to what goes along with another's permit, or subtracts them again if they are negative. */
    public final void goAlong(long permits) {
        along += permits;
    }

    /**
     * When {@code permits} may be taken: {@code now} if there is room, {@link Times#NEVER} if only a response makes room,
     * otherwise a time before which there is none unless a response changes that.
     */
    public final long freeAt(long now, int permits, BurstAllowance allowance) {
        long opensAt = cooldown.opensAt(now);
        return opensAt > now ? opensAt : roomAt(now, permits, allowance);
    }

    abstract long roomAt(long now, int permits, BurstAllowance allowance);

    /** True if a call that comes now, when no other {@link #isQueued}, may go before its slot, after those promised. */
    public abstract boolean mayGoAtOnce(long now, int permits, boolean unbounded);

    /**
     * Takes permits for an attempt that is about to be sent.
     *
     * @return how many permits went before it in the same burst, if it goes before its slot; else {@link #PACED}
     */
    public abstract int take(long now, int permits, BurstAllowance allowance);

    /**
     * Takes in the refusal of a call that went before its slot.
     *
     * @param before what {@link #take} returned for it
     */
    public abstract void refusedInBurst(long now, long grantedAt, int before);

    /** About how many permits it would grant this moment, one call after the other, if all it grants could be saved. */
    public final long atOnce(long now) {
        return cooldown.opensAt(now) > now ? 0 : roomAtOnce(now);
    }

    abstract long roomAtOnce(long now);

    /** Releases permits of an attempt that was never sent. */
    public abstract void release(int permits);

    /** Starts to age permits whose attempt has a response: the vendor has counted it by now. */
    public abstract void settle(long now, int permits);

    /**
     * Records that no response to an attempt will come, and that nothing has shown yet that the vendor has counted it.
     */
    public abstract void abandon(long now, int permits);

    /** Starts to age permits whose attempt was abandoned: a response to a later one shows that it is counted by now. */
    public abstract void settleGivenUp(long now, int permits);

    /**
     * Takes in a response, after its permits are settled.
     *
     * @return whether it shows for the first time a limit that is lower than before
     */
    public abstract boolean observe(long now, long sentAt, LimitReading reading);

    /** True if the vendor's headers show foreign use. */
    public abstract boolean showsForeignUse(long now);

    /**
     * True if our own traffic alone may explain the refusal that the vendor has just sent; called once it is settled.
     */
    public abstract boolean mayBeOurFault(long now);

    /** Widens the margin after a refusal that was our fault. */
    public abstract void widenMargin(long now);

    /** Paces slowly for one window, since the vendor has just reopened. */
    public abstract void slowDown(long now);

    /**
     * About when it lets a call through that has {@code ahead} permits before it, if responses come at once.
     *
     * @param allowance whether the call may go before its slot
     */
    public abstract long forecast(long now, long ahead, BurstAllowance allowance);

    /** About how long the same takes at the pace of recent responses; never less than by {@link #forecast}. */
    public abstract long forecastWithAnswers(long now, long ahead, BurstAllowance allowance);

    /** How much of it is used. */
    public abstract Usage usage(long now);

    /** Follows a changed limit; what is taken stays taken. */
    abstract void change(long now, Limit limit);

    /**
     * Sets whether the limit's own number is a bound, since it was changed at run time, or a guess that gives way to a
     * larger one where the vendor reports it.
     */
    abstract void setBound(boolean isBound);

    /** True if it has something that must outlive a restart. */
    public boolean worthSaving(long now) {
        return !idle(now);
    }

    /** The state that must outlive a crash, with {@code reserve} permits that may be granted after it. */
    public abstract CounterSnapshot save(long now, int reserve);

    /** Restores what was saved {@code ago} nanoseconds before now, except for calls that had not ended. */
    public void restore(long now, long ago, CounterSnapshot counter) {
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
    public record Usage(long permits, long used, long foreign, long margin) {
        /** How many are left. */
        public long remaining() {
            return Math.max(0, permits - foreign - used);
        }
    }
}
