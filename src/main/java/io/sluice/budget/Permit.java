package io.sluice.budget;

/**
 * The right to send one attempt. Thread-safe; none of its methods waits.
 *
 * <p>It ends in exactly one of three ways: released unsent; sent and completed; sent and abandoned. Only the first call
 * that ends it counts, later ones do nothing.
 */
public interface Permit {
    /**
     * Records that the attempt is written to the wire now.
     *
     * @return false if the permit was sent or released before: then the attempt must not be sent
     */
    boolean send();

    /**
     * Reassigns the attempt to another operation, which counts against the same limits: the response is then one of
     * that operation.
     *
     * @return false if that operation is closed, or the permit was sent or released before: then nothing has changed
     */
    boolean reassign(String operation);

    /** Records that the vendor's response has begun to arrive, with its feedback about the limits. */
    void complete(LimitFeedback answer);

    /**
     * Records that no response will be waited for any longer, and that the connection is reset. The vendor may still
     * count the attempt, until it has answered one that was sent later.
     */
    void abandon();

    /** Returns what was taken, for an attempt that was never sent. Does nothing once it is sent. */
    void release();

    /** Returns the queue position for another attempt of the same call. */
    QueuePosition position();
}
