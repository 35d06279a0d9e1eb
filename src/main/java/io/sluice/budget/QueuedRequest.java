package io.sluice.budget;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request in its account's queue, or one that has left it. Guarded by its account's lock. */
final class QueuedRequest implements Ticket {
    final Account account;
    final PermitRequest request;
    /** The counters that the request takes from, one for each cost. */
    final List<LimitCounter> counters;

    final FlowQueue flowQueue;
    final long id;
    final long since;
    final long deadline;
    /** When the call's first attempt came. */
    final long order;

    final boolean retry;
    /** Its cost to its team: the largest of its costs. */
    final int cost;

    private final Consumer<Decision> decided;

    boolean waiting;

    @Nullable
    ParkedCalls parkedOn;

    /** When it would go by itself, as estimated when it came; for a read that can be batched. */
    long expectedAt = LimitCounter.NEVER;

    /** True if it shares the permit of another read, by {@link PendingBatches}. */
    private boolean along;

    /** The costs, one a bit, at whose counters it may go before its slot. */
    private long promises;

    private boolean unbounded;

    QueuedRequest(
            Account account,
            PermitRequest request,
            List<LimitCounter> counters,
            FlowQueue flowQueue,
            long id,
            long since,
            Consumer<Decision> decided) {
        this.account = account;
        this.request = request;
        this.counters = counters;
        this.flowQueue = flowQueue;
        this.id = id;
        this.since = since;
        this.decided = decided;
        long maxWait = request.maxWait().compareTo(PacedBudget.LONGEST) < 0
                ? request.maxWait().toNanos()
                : PacedBudget.LONGEST.toNanos();
        deadline = since + maxWait;
        retry = request.position().isPresent();
        order = request.position().map(QueuePosition::order).orElse(id);
        cost = request.costs().stream().mapToInt(LimitCost::permits).max().orElse(1);
    }

    static NavigableSet<QueuedRequest> queue() {
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

    /** True if it goes before its team's bulk. */
    boolean urgent() {
        return retry || request.priority() == Priority.INTERACTIVE;
    }

    int permits(int index) {
        return request.costs().get(index).permits();
    }

    /**
     * Settles, before it queues, at which of its counters it may go before its slot: those where only calls wait that
     * may, too.
     *
     * @param alone whether only its own team could come to wait
     */
    void promise(long now, boolean alone) {
        unbounded = alone && request.priority() == Priority.INTERACTIVE;
        for (int index = 0; index < Math.min(counters.size(), Long.SIZE); index++) {
            LimitCounter counter = counters.get(index);
            if (counter.queued == 0 && counter.mayGoAtOnce(now, permits(index), unbounded)) {
                promises |= 1L << index;
            }
        }
    }

    private boolean promised(int index) {
        return index < Long.SIZE && ((promises >> index) & 1) != 0;
    }

    /** Its allowance to go before its slot at one of its counters. */
    BurstAllowance allowance(int index) {
        if (!promised(index)) {
            return BurstAllowance.NONE;
        }
        return unbounded ? BurstAllowance.UNBOUNDED : BurstAllowance.BOUNDED;
    }

    BurstAllowance allowance(LimitCounter counter) {
        return allowance(counters.indexOf(counter));
    }

    /** Adds its costs to what is waited for at each of its counters, or subtracts them again. */
    void queueUp(int sign) {
        for (int index = 0; index < counters.size(); index++) {
            LimitCounter counter = counters.get(index);
            long permits = sign * (long) permits(index);
            counter.wanted += permits;
            if (promised(index)) {
                counter.promised += permits;
            } else {
                counter.queued += permits;
            }
        }
    }

    /** The cost to its team that is its own: none while it goes along with another. */
    int ownCost() {
        return along ? 0 : cost;
    }

    boolean goesAlong() {
        return along;
    }

    /** Sets whether it goes along with another read, and adapts what estimates leave out for that. */
    void goAlong(boolean with) {
        if (along == with) {
            return;
        }
        along = with;
        int sign = with ? 1 : -1;
        flowQueue.goAlong(this, sign);
        for (int index = 0; index < counters.size(); index++) {
            counters.get(index).along += sign * (long) permits(index);
        }
    }

    void deliver(Decision decision) {
        decided.accept(decision);
    }

    @Override
    public boolean cancel() {
        return account.leave(this);
    }
}
