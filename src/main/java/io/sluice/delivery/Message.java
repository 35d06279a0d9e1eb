package io.sluice.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A message: one operation, delivered after all earlier ones of its ordering key.
 *
 * @param orderingKey messages of one key are delivered in the order accepted, such as {@code id:42}
 * @param secondOrderingKey the second ordering key of a message that concerns two, null if it concerns one: it then
 *     waits for the earlier messages of both, and later messages of either wait for it
 * @param kind the action of its sender, in the sender's own words
 * @param operation the operation of the call that it was part of
 * @param payload the content to deliver, in the sender's own form
 */
public record Message(
        String orderingKey, @Nullable String secondOrderingKey, String kind, String operation, String payload) {
    /** A message that concerns one ordering key. */
    public Message(String orderingKey, String kind, String operation, String payload) {
        this(orderingKey, null, kind, operation, payload);
    }
}
