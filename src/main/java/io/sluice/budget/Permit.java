package io.sluice.budget;

/**
 * The right to send one attempt. Thread-safe; none of its methods waits.
 *
 * <p>It ends in exactly one of three ways: given back unsent; sent and answered; sent and given up. Only the first
 * call that ends it counts, later ones do nothing.
 */
public interface Permit {
    /**
     * Says that the attempt is written to the wire now.
     *
     * @return false if the permit was sent or given back before: then the attempt must not be sent
     */
    boolean send();

    /**
     * Says that the attempt is going to be one of another operation, which counts against the same limits: it is that
     * one that the answer then tells of.
     *
     * @return false if that operation is closed, or the permit was sent or given back before: then nothing has changed
     */
    boolean reassign(String operation);

    /** Says that the vendor's answer has begun to arrive, and what it tells about the limits. */
    void complete(LimitFeedback answer);

    /**
     * Says that no answer will be waited for any longer, and that the connection is reset. The vendor may still count the
     * attempt, until it has answered one that was sent later.
     */
    void abandon();

    /** Returns what was taken, for an attempt that was never sent. Does nothing once it is sent. */
    void release();

    /** The place to keep for another attempt of the same call. */
    QueuePosition position();
}
