package io.sluice.budget.queue;

import io.sluice.budget.window.BurstAllowance;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.Times;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A request in a fair queue, or one that has left it: its place in the order, and the counters that it takes permits
 * from. The account that queues it adds its purpose and its caller. Guarded by the account's lock.
 */
public abstract class QueuedRequest {
    final TeamState team;
    /** The counters that the request takes from, one for each cost. */
    final List<LimitCounter> counters;

    final long id;
    final long since;
    final long deadline;
    /** When the call's first attempt came. */
    final long order;

    final boolean retry;
    /** Its cost to its team: the largest of its costs. */
    final int cost;

    /** Its team's requests for the same limits; set when it is queued. */
    OperationQueue.@Nullable FlowQueue flowQueue;

    boolean waiting;

    /** The counter of its own that it is parked behind. */
    @Nullable
    LimitCounter parkedBehind;

    /** When it would go by itself, as estimated when it came; for a read that can be batched. */
    private long expectedAt = Times.NEVER;

    /** True if it shares the permit of another read, by {@link PendingBatches}. */
    private boolean along;

    /** The costs, one a bit, at whose counters it may go before its slot. */
    private long promises;

    private boolean unbounded;

    /**
     * A request that is not queued yet.
     *
     * @param id its number among all requests to the account
     * @param order the same of the call's first attempt
     * @param retry true if there was an earlier attempt
     */
    protected QueuedRequest(
            TeamState team,
            List<LimitCounter> counters,
            int cost,
            long id,
            long order,
            boolean retry,
            long since,
            long deadline) {
        this.team = team;
        this.counters = counters;
        this.cost = cost;
        this.id = id;
        this.order = order;
        this.retry = retry;
        this.since = since;
        this.deadline = deadline;
    }

    /** The class of calls that it belongs to. */
    public abstract String operation();

    /** True if a person or program waits for its response. */
    protected abstract boolean interactive();

    /** Its team's share beside other teams. */
    protected abstract int weight();

    /** How many permits it takes of one of its counters. */
    public abstract int permits(int index);

    static NavigableSet<QueuedRequest> set() {
        return new TreeSet<>(QueuedRequest::inOrder);
    }

    /** Retries before new calls, each in the order in which the calls came. */
    private static int inOrder(QueuedRequest one, QueuedRequest other) {
        if (one.retry != other.retry) {
            return one.retry ? -1 : 1;
        }
        return one.order != other.order ? Long.compare(one.order, other.order) : Long.compare(one.id, other.id);
    }

    static int byDeadline(QueuedRequest one, QueuedRequest other) {
        return one.deadline != other.deadline
                ? Long.compare(one.deadline, other.deadline)
                : Long.compare(one.id, other.id);
    }

    /** Its number among all requests to the account. */
    public final long id() {
        return id;
    }

    /** The team on whose behalf it is made. */
    public final TeamState team() {
        return team;
    }

    /** The counters that it takes from, one for each cost. */
    public final List<LimitCounter> counters() {
        return counters;
    }

    /** When the call's first attempt came, among all requests to the account. */
    public final long order() {
        return order;
    }

    /** When it came. */
    public final long since() {
        return since;
    }

    /** How long it may wait. */
    public final long deadline() {
        return deadline;
    }

    /** True while it is in the queue. */
    public final boolean isWaiting() {
        return waiting;
    }

    /** True if it goes before its team's bulk. */
    public final boolean urgent() {
        return retry || interactive();
    }

    /** How many permits of a counter others wait for, if it is queued last. */
    public final long waitedForByOthers(LimitCounter counter) {
        return counter.wanted() - cost;
    }

    /** Records when it would go by itself, as estimated when it came. */
    public final void expectAt(long time) {
        expectedAt = time;
    }

    /** When it would go by itself, as estimated when it came. */
    final long expectedAt() {
        return expectedAt;
    }

    /** The cost to its team that is its own: none while it goes along with another. */
    final int ownCost() {
        return along ? 0 : cost;
    }

    /** True if it shares the permit of another read. */
    public final boolean goesAlong() {
        return along;
    }

    /** Sets whether it goes along with another read, and adapts what estimates leave out for that. */
    final void goAlong(boolean with) {
        if (along == with) {
            return;
        }
        along = with;
        int sign = with ? 1 : -1;
        flowQueue().goAlong(this, sign);
        for (int index = 0; index < counters.size(); index++) {
            counters.get(index).goAlong(sign * (long) permits(index));
        }
    }

    /** How far it pushes its team's start tag on when it is granted, see {@link FairQueue}. */
    final long share() {
        return StartTimeTags.share(cost, weight());
    }

    /** By how much it starts earlier than its team's tag. */
    final long lead() {
        return urgent() ? StartTimeTags.SCALE / 2 / weight() : 0;
    }

    /** The queue of its team and limits, once it is queued. */
    final OperationQueue.FlowQueue flowQueue() {
        if (flowQueue == null) {
            throw new IllegalStateException("not queued yet");
        }
        return flowQueue;
    }

    /**
     * Settles, before it queues, at which of its counters it may go before its slot: those where only calls wait that
     * may, too.
     *
     * @param alone whether only its own team could come to wait
     */
    public final void promise(long now, boolean alone) {
        unbounded = alone && interactive();
        for (int index = 0; index < Math.min(counters.size(), Long.SIZE); index++) {
            LimitCounter counter = counters.get(index);
            if (!counter.isQueued() && counter.mayGoAtOnce(now, permits(index), unbounded)) {
                promises |= 1L << index;
            }
        }
    }

    private boolean promised(int index) {
        return index < Long.SIZE && ((promises >> index) & 1) != 0;
    }

    /** Its allowance to go before its slot at one of its counters. */
    public final BurstAllowance allowance(int index) {
        if (!promised(index)) {
            return BurstAllowance.NONE;
        }
        return unbounded ? BurstAllowance.UNBOUNDED : BurstAllowance.BOUNDED;
    }

    /** The same, for a counter that is one of its own. */
    public final BurstAllowance allowance(LimitCounter counter) {
        return allowance(counters.indexOf(counter));
    }

    /** Adds its costs to what is waited for at each of its counters, or subtracts them again. */
    final void queueUp(int sign) {
        for (int index = 0; index < counters.size(); index++) {
            counters.get(index).expect(sign * (long) permits(index), promised(index));
        }
    }
}
