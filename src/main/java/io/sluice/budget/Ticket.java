package io.sluice.budget;

/** A request's place in the queue. */
public interface Ticket {
    /**
     * Leaves the queue. The place is free at once and nothing is taken.
     *
     * @return true if no decision was or will be given; false if it came first
     */
    boolean cancel();
}
