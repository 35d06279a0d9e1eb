package io.sluice.budget;

import java.util.List;
import java.util.function.Consumer;

/** A demand in its account's queue. Guarded by its account's lock. */
final class Waiter implements Ticket {
    final Account account;
    final Demand demand;
    final List<Meter> meters;
    final long since;
    final long deadline;
    final long turn;
    private final Consumer<Decision> decided;

    boolean waiting = true;

    Waiter(
            Account account,
            Demand demand,
            List<Meter> meters,
            long since,
            long deadline,
            long turn,
            Consumer<Decision> decided) {
        this.account = account;
        this.demand = demand;
        this.meters = meters;
        this.since = since;
        this.deadline = deadline;
        this.turn = turn;
        this.decided = decided;
    }

    void tell(Decision decision) {
        decided.accept(decision);
    }

    @Override
    public boolean cancel() {
        return account.leave(this);
    }
}
