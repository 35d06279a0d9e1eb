package io.sluice.budget;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A permit that was granted and is held by an attempt. Guarded by its account's lock. */
final class HeldPermit implements Permit {
    private enum State {
        HELD,
        SENT,
        ENDED
    }

    final QueuedRequest holder;
    private String operation;
    private State state = State.HELD;
    private long sentAt;
    private final long grantedAt;
    /** For each cost, how many permits of its burst went before; null if it kept all of its slots. */
    private int @Nullable [] inBurst;

    HeldPermit(QueuedRequest holder, long grantedAt) {
        this.holder = holder;
        operation = holder.request.operation();
        sentAt = grantedAt;
        this.grantedAt = grantedAt;
    }

    @Override
    public boolean send() {
        return holder.account.send(this);
    }

    @Override
    public boolean reassign(String other) {
        return holder.account.reassign(this, other);
    }

    @Override
    public void complete(LimitFeedback answer) {
        holder.account.complete(this, answer);
    }

    @Override
    public void abandon() {
        holder.account.abandon(this);
    }

    @Override
    public void release() {
        holder.account.release(this);
    }

    @Override
    public QueuePosition position() {
        return new QueuePosition(holder.order);
    }

    /** The operation that the attempt belongs to. */
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

    /** Records that it goes before the slot of one of its counters, as the next of a burst. */
    void goesInBurst(int index, int before) {
        if (inBurst == null) {
            inBurst = new int[holder.counters.size()];
            Arrays.fill(inBurst, LimitCounter.PACED);
        }
        inBurst[index] = before;
    }

    /** How many permits of a counter's burst went before it; {@link LimitCounter#PACED} if it kept its slot. */
    int inBurst(int index) {
        return inBurst == null ? LimitCounter.PACED : inBurst[index];
    }

    /** When it was sent; when it was granted if the sending was not reported. */
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

    /** Ends it; returns false if it has ended before. */
    boolean end() {
        if (state == State.ENDED) {
            return false;
        }
        state = State.ENDED;
        return true;
    }

    /** Ends it unless it was sent; returns false if it was, or has ended before. */
    boolean endUnsent() {
        return state == State.HELD && end();
    }
}
