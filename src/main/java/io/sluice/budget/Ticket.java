package io.sluice.budget;

/** A queued request's ticket, by which it can be cancelled. */
public interface Ticket {
    /**
     * Leaves the queue. The place is free at once and nothing is taken. Never waits.
     *
     * @return true if no decision was or will be given; false if it came first
     */
    boolean cancel();
}
