package io.sluice.delivery;

import java.util.Optional;

/**
 * A message: one operation, delivered after all earlier ones of its ordering key.
 *
 * @param orderingKey messages of one key are delivered in the order accepted, such as {@code id:42}
 * @param secondOrderingKey the second ordering key of a message that concerns two: it then waits for what both were sent before, and
 *     what comes later for either waits for it
 * @param kind what its sender does with it, in the sender's own words
 * @param operation the operation of the call that it was part of
 * @param payload what is delivered, in the sender's own form
 */
public record Message(
        String orderingKey, Optional<String> secondOrderingKey, String kind, String operation, String payload) {
    /** A message that concerns one ordering key. */
    public Message(String orderingKey, String kind, String operation, String payload) {
        this(orderingKey, Optional.empty(), kind, operation, payload);
    }
}
