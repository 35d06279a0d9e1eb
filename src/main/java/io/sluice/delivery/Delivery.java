package io.sluice.delivery;

import java.util.List;

/**
 * A delivery: the messages of one call, accepted together or not at all.
 *
 * @param id the id by which the caller can find it
 */
record Delivery(
        String id, Destination destination, String team, List<Message> messages, long acceptedAt, long expiresAt) {
    Delivery {
        messages = List.copyOf(messages);
    }
}
