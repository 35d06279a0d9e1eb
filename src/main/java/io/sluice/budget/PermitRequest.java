package io.sluice.budget;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one attempt asks of the budget: all of its costs together, or none.
 *
 * @param account whose limits, as {@code vendor/account}
 * @param operation the class of calls it belongs to; what a throttled answer with {@link Scope#OPERATION} closes
 * @param costs what it takes; empty for an operation that the vendor does not limit, which is then held back only
 *     while it is closed or paused
 * @param teamShare on whose behalf
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
