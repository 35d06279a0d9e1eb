package io.sluice.budget;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one attempt asks of the budget: all of its claims together, or none.
 *
 * @param account whose limits, as {@code vendor/account}
 * @param operation the class of calls it belongs to; what a throttled answer with {@link Scope#OPERATION} closes
 * @param claims what it takes; empty for an operation that the vendor does not limit, which is then held back only
 *     while it is closed or paused
 * @param flow on whose behalf
 * @param patience how long the caller will wait from now; zero asks for an answer now
 * @param turn the turn of the call's earlier attempt, if this one repeats it
 */
public record Demand(
        String account,
        String operation,
        List<Claim> claims,
        Flow flow,
        Priority priority,
        Duration patience,
        Optional<Turn> turn) {
    public Demand {
        claims = List.copyOf(claims);
        if (patience.isNegative()) {
            throw new IllegalArgumentException("patience must not be negative: " + patience);
        }
    }
}
