package io.sluice.budget;

import io.sluice.budget.queue.QueuedRequest;
import io.sluice.budget.window.LimitCounter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that a permit was granted for: what it took, its operation, when it went, and whether it has ended. Guarded
 * by its account's lock.
 */
abstract class Attempt {
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

    Attempt(QueuedRequest holder, long grantedAt) {
        this.holder = holder;
        operation = holder.operation();
        sentAt = grantedAt;
        this.grantedAt = grantedAt;
    }

    /** The counters that it took permits from. */
    final List<LimitCounter> counters() {
        return holder.counters();
    }

    /** How many permits it took from one of them. */
    final int permits(int index) {
        return holder.permits(index);
    }

    /** The token by which cooldowns know it: the number of its request, which is granted once. */
    final long token() {
        return holder.id();
    }

    /** The operation that it belongs to. */
    final String operation() {
        return operation;
    }

    final void become(String other) {
        operation = other;
    }

    final boolean held() {
        return state == State.HELD;
    }

    final long grantedAt() {
        return grantedAt;
    }

    /** Records that it goes before the slot of one of its counters, as the next of a burst. */
    final void goesInBurst(int index, int before) {
        if (inBurst == null) {
            inBurst = new int[counters().size()];
            Arrays.fill(inBurst, LimitCounter.PACED);
        }
        inBurst[index] = before;
    }

    /** How many permits of a counter's burst went before it; {@link LimitCounter#PACED} if it kept its slot. */
    final int inBurst(int index) {
        return inBurst == null ? LimitCounter.PACED : inBurst[index];
    }

    /** When it was sent; when it was granted if the sending was not reported. */
    final long sentAt() {
        return sentAt;
    }

    final boolean sendAt(long now) {
        if (state != State.HELD) {
            return false;
        }
        state = State.SENT;
        sentAt = now;
        return true;
    }

    /** Ends it; returns false if it has ended before. */
    final boolean end() {
        if (state == State.ENDED) {
            return false;
        }
        state = State.ENDED;
        return true;
    }

    /** Ends it unless it was sent; returns false if it was, or has ended before. */
    final boolean endUnsent() {
        return state == State.HELD && end();
    }
}
