package io.sluice.simulation;

import io.sluice.budget.Budget;
import io.sluice.budget.BudgetStore;
import io.sluice.budget.PacedBudget;
import io.sluice.budget.window.Limit;
import java.util.List;

/** Budgets of one account on virtual time. */
final class PacedBudgets {
    static final String ACCOUNT = "vendor/account";

    private PacedBudgets() {}

    /** A budget that remembers nothing; without limits where the test defines them. */
    static Budget of(VirtualTime time, Limit... limits) {
        return defined(new PacedBudget(time, time), limits);
    }

    /** A budget of a process, with what the last one has left in the store. */
    static Budget kept(VirtualTime time, BudgetStore store, Limit... limits) {
        return defined(new PacedBudget(time, time, time, store), limits);
    }

    private static Budget defined(Budget budget, Limit... limits) {
        if (limits.length > 0) {
            budget.define(ACCOUNT, List.of(limits));
        }
        return budget;
    }
}
