package io.sluice.gateway;

import io.sluice.budget.Budget.AccountState;
import io.sluice.call.Operation;

/**
 * The check for closures: calls that wait because an operator or the vendor closed what they need, rather than because
 * others go first.
 */
final class ClosureCheck {
    private ClosureCheck() {}

    /** Returns true if the vendor or an operator has closed what a call of the operation needs. */
    static boolean isClosedFor(AccountState account, Operation operation) {
        return account.paused()
                || account.closedFor().isPositive()
                || account.closed().stream()
                        .anyMatch(closed -> closed.operation().equals(operation.name())
                                && closed.closedFor().isPositive())
                || account.limits().stream()
                        .anyMatch(limit -> limit.closedFor().isPositive()
                                && operation.uses().stream()
                                        .anyMatch(use -> use.per().isEmpty()
                                                && use.limit()
                                                        .equals(limit.limit().name())));
    }
}
