package io.sluice.budget;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A permit that was granted, and who holds it. Guarded by its account's lock. */
final class HeldPermit implements Permit {
    private enum State {
        HELD,
        SENT,
        ENDED
    }

    /** The place of a call's first attempt among the calls of its account. */
    record KeptTurn(long order) implements Turn {}

    final Waiter holder;
    private String operation;
    private State state = State.HELD;
    private long sentAt;
    private final long grantedAt;
    /** For each claim, how many permits of its burst went before; none if it went before none of its slots. */
    private int @Nullable [] inBurst;

    HeldPermit(Waiter holder, long grantedAt) {
        this.holder = holder;
        operation = holder.demand.operation();
        sentAt = grantedAt;
        this.grantedAt = grantedAt;
    }

    @Override
    public boolean send() {
        return holder.account.send(this);
    }

    @Override
    public boolean useFor(String other) {
        return holder.account.useFor(this, other);
    }

    @Override
    public void answered(Answer answer) {
        holder.account.answered(this, answer);
    }

    @Override
    public void gaveUp() {
        holder.account.gaveUp(this);
    }

    @Override
    public void giveBack() {
        holder.account.giveBack(this);
    }

    @Override
    public Turn turn() {
        return new KeptTurn(holder.order);
    }

    /** The operation that the attempt is one of. */
    String operation() {
        return operation;
    }

    void become(String other) {
        operation = other;
    }

    boolean held() {
        return state == State.HELD;
    }

    long grantedAt() {
        return grantedAt;
    }

    /** Notes that it goes before the slot of one of its counters, as the next of a burst. */
    void goesInBurst(int claim, int before) {
        if (inBurst == null) {
            inBurst = new int[holder.meters.size()];
            Arrays.fill(inBurst, Meter.PACED);
        }
        inBurst[claim] = before;
    }

    /** How many permits of a counter's burst went before it; {@link Meter#PACED} if it kept its slot. */
    int inBurst(int claim) {
        return inBurst == null ? Meter.PACED : inBurst[claim];
    }

    /** When it was sent, or granted if nobody said that it was sent. */
    long sentAt() {
        return sentAt;
    }

    boolean sendAt(long now) {
        if (state != State.HELD) {
            return false;
        }
        state = State.SENT;
        sentAt = now;
        return true;
    }

    /** Ends it; false if it has ended before. */
    boolean end() {
        if (state == State.ENDED) {
            return false;
        }
        state = State.ENDED;
        return true;
    }

    /** Ends it unless it was sent; false if it was, or has ended before. */
    boolean endUnsent() {
        return state == State.HELD && end();
    }
}
