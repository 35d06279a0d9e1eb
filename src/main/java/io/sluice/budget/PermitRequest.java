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
 */
public record PermitRequest(
        String account,
        String operation,
        List<LimitCost> costs,
        TeamShare teamShare,
        Priority priority,
        Duration maxWait,
        Optional<QueuePosition> position) {
    public PermitRequest {
        costs = List.copyOf(costs);
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
        }
    }
}
