package io.sluice.budget;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A demand in its account's queue, or one that was. Guarded by its account's lock. */
final class Waiter implements Ticket {
    final Account account;
    final Demand demand;
    /** What the demand claims, one meter a claim. */
    final List<Meter> meters;

    final Line line;
    final long id;
    final long since;
    final long deadline;
    /** When the call's first attempt came. */
    final long order;

    final boolean retry;
    /** What it costs its team: its largest claim. */
    final int cost;

    private final Consumer<Decision> decided;

    boolean waiting;

    @Nullable
    ParkedCalls parkedOn;

    Waiter(
            Account account,
            Demand demand,
            List<Meter> meters,
            Line line,
            long id,
            long since,
            Consumer<Decision> decided) {
        this.account = account;
        this.demand = demand;
        this.meters = meters;
        this.line = line;
        this.id = id;
        this.since = since;
        this.decided = decided;
        long patience = demand.patience().compareTo(PacedBudget.LONGEST) < 0
                ? demand.patience().toNanos()
                : PacedBudget.LONGEST.toNanos();
        deadline = since + patience;
        retry = demand.turn().isPresent();
        order = demand.turn().orElse(null) instanceof HeldPermit.KeptTurn kept ? kept.order() : id;
        cost = demand.claims().stream().mapToInt(Claim::permits).max().orElse(1);
    }

    static NavigableSet<Waiter> queue() {
        return new TreeSet<>(Waiter::inOrder);
    }

    /** Retries before new calls, each in the order in which the calls came. */
    private static int inOrder(Waiter one, Waiter other) {
        if (one.retry != other.retry) {
            return one.retry ? -1 : 1;
        }
        return one.order != other.order ? Long.compare(one.order, other.order) : Long.compare(one.id, other.id);
    }

    static int byDeadline(Waiter one, Waiter other) {
        return one.deadline != other.deadline
                ? Long.compare(one.deadline, other.deadline)
                : Long.compare(one.id, other.id);
    }

    /** Whether it goes before its team's bulk. */
    boolean urgent() {
        return retry || demand.priority() == Priority.INTERACTIVE;
    }

    int permits(int claim) {
        return demand.claims().get(claim).permits();
    }

    void tell(Decision decision) {
        decided.accept(decision);
    }

    @Override
    public boolean cancel() {
        return account.leave(this);
    }
}
