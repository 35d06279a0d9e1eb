package io.sluice.budget;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A request for the permit of one attempt: all of its costs together, or none.
 *
 * @param account the account, as {@code vendor/account}
 * @param operation the class of calls it belongs to; closed by a throttled response with {@link Scope#OPERATION}
 * @param costs what it takes; empty for an operation that the vendor does not limit, which is then held back only while
 *     it is closed or paused
 * @param teamShare the team on whose behalf it is made
 * @param maxWait how long the caller will wait from now; zero asks for a decision now
 * @param position the position of the call's earlier attempt, if this one repeats it
 * @param batch the others whose permit it can share, if it is a read that can be batched
 */
public record PermitRequest(
        String account,
        String operation,
        List<LimitCost> costs,
        TeamShare teamShare,
        Priority priority,
        Duration maxWait,
        Optional<QueuePosition> position,
        Optional<Batch> batch) {
    /**
     * The reads that one permit can serve together: the first of a group that is granted takes others of it along.
     *
     * @param group a name, equal for reads that can go together
     * @param operation the operation of the batched read: while that is closed, each goes alone
     * @param most how many reads one permit serves
     */
    public record Batch(String group, String operation, int most) {
        public Batch {
            if (most < 1) {
                throw new IllegalArgumentException("a batch holds at least 1 read, not " + most);
            }
        }
    }

    /** A request that needs a permit of its own. */
    public PermitRequest(
            String account,
            String operation,
            List<LimitCost> costs,
            TeamShare teamShare,
            Priority priority,
            Duration maxWait,
            Optional<QueuePosition> position) {
        this(account, operation, costs, teamShare, priority, maxWait, position, Optional.empty());
    }

    /** Returns the same request for a read that can share a permit with others. */
    public PermitRequest sharing(Batch others) {
        return new PermitRequest(
                account, operation, costs, teamShare, priority, maxWait, position, Optional.of(others));
    }

    public PermitRequest {
        costs = List.copyOf(costs);
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
        }
    }
}
