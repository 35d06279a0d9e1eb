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

    /** The claims, one a bit, whose counters it may pass before its slot. */
    private long promises;

    private boolean unbounded;

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

    /**
     * Settles, before it queues, which of its counters it may pass before its slot: those where nobody waits but such
     * as may, too.
     *
     * @param alone whether only its own team could come to wait
     */
    void promise(long now, boolean alone) {
        unbounded = alone && demand.priority() == Priority.INTERACTIVE;
        for (int claim = 0; claim < Math.min(meters.size(), Long.SIZE); claim++) {
            Meter meter = meters.get(claim);
            if (meter.queued == 0 && meter.mayGoAtOnce(now, permits(claim), unbounded)) {
                promises |= 1L << claim;
            }
        }
    }

    private boolean promised(int claim) {
        return claim < Long.SIZE && ((promises >> claim) & 1) != 0;
    }

    /** Whether it may pass one of its counters before its slot. */
    Haste haste(int claim) {
        if (!promised(claim)) {
            return Haste.NONE;
        }
        return unbounded ? Haste.UNBOUNDED : Haste.BOUNDED;
    }

    Haste haste(Meter meter) {
        return haste(meters.indexOf(meter));
    }

    /** Adds it to what is waited for at each of its counters, or takes it off again. */
    void queueUp(int sign) {
        for (int claim = 0; claim < meters.size(); claim++) {
            Meter meter = meters.get(claim);
            long permits = sign * (long) permits(claim);
            meter.wanted += permits;
            if (promised(claim)) {
                meter.promised += permits;
            } else {
                meter.queued += permits;
            }
        }
    }

    void tell(Decision decision) {
        decided.accept(decision);
    }

    @Override
    public boolean cancel() {
        return account.leave(this);
    }
}
