package io.sluice.budget;

import io.sluice.budget.queue.QueuedRequest;
import io.sluice.budget.queue.TeamState;
import io.sluice.budget.window.LimitCounter;
import io.sluice.budget.window.Times;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A permit request in its account's queue, with the callback for its decision. Guarded by its account's lock. */
final class PendingRequest extends QueuedRequest implements Ticket {
    private final PermitRequest request;
    private final Consumer<Decision> decided;
    private final Predicate<PendingRequest> leave;

    /**
     * A request that is not queued yet.
     *
     * @param id its number among all requests to the account
     * @param leave takes it out of the queue; returns false if there is a decision
     */
    PendingRequest(
            PermitRequest request,
            TeamState team,
            List<LimitCounter> counters,
            long id,
            long since,
            Consumer<Decision> decided,
            Predicate<PendingRequest> leave) {
        super(
                team,
                counters,
                cost(request.costs()),
                id,
                request.position().map(QueuePosition::order).orElse(id),
                request.position().isPresent(),
                since,
                since + Times.nanos(request.maxWait()));
        this.request = request;
        this.decided = decided;
        this.leave = leave;
    }

    private static int cost(List<LimitCost> costs) {
        int most = 0;
        for (LimitCost cost : costs) {
            most = Math.max(most, cost.permits());
        }
        return costs.isEmpty() ? 1 : most;
    }

    @Override
    public String operation() {
        return request.operation();
    }

    @Override
    protected boolean interactive() {
        return request.priority() == Priority.INTERACTIVE;
    }

    @Override
    protected int weight() {
        return request.teamShare().weight();
    }

    @Override
    public int permits(int index) {
        return request.costs().get(index).permits();
    }

    int maxQueued() {
        return request.teamShare().maxQueued();
    }

    /** The others whose permit it can share. */
    Optional<PermitRequest.Batch> batch() {
        return request.batch();
    }

    void deliver(Decision decision) {
        decided.accept(decision);
    }

    @Override
    public boolean cancel() {
        return leave.test(this);
    }
}
