package io.sluice.simulation;

import io.sluice.budget.LimitCost;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.Scope;
import io.sluice.budget.TeamShare;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The permit requests of one team that waits for responses, and the refusals of its vendor. */
final class Requests {
    private static final TeamShare TEAM = new TeamShare("team", 1, 100_000);

    private Requests() {}

    /** A read that takes one permit of the limit {@code api}. */
    static PermitRequest read(String account, Duration maxWait) {
        return of(account, "read", maxWait, LimitCost.on("api"));
    }

    static PermitRequest of(String account, String operation, Duration maxWait, LimitCost... costs) {
        return new PermitRequest(
                account, operation, List.of(costs), TEAM, Priority.INTERACTIVE, maxWait, Optional.empty());
    }

    /** A refusal without readings, with a backoff of a second. */
    static LimitFeedback throttled(Scope scope, Optional<Duration> retryAfter) {
        return new LimitFeedback(List.of(), Optional.of(new Throttle(scope, retryAfter, Duration.ofSeconds(1))));
    }
}
