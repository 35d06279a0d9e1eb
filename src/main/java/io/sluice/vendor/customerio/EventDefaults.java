package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.Ulids;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * Gives operations, once and before they are stored, what makes it harmless to deliver them late or twice: an id, by which
 * Customer.io knows an event again, and the time at which they were accepted. What the caller gave stays.
 */
final class EventDefaults {
    private final Ulids ids;
    private final InstantSource clock;

    EventDefaults(Ulids ids, InstantSource clock) {
        this.ids = ids;
        this.clock = clock;
    }

    String id() {
        return ids.next();
    }

    /** Marks an event of the Track API. */
    void event(ObjectNode event) {
        if (!Json.has(event, "id")) {
            event.put("id", ids.next());
        }
        time(event);
    }

    /** Marks with the time alone. */
    void time(ObjectNode operation) {
        if (!Json.has(operation, "timestamp")) {
            operation.put("timestamp", clock.instant().getEpochSecond());
        }
    }

    /** Marks a message of the Pipelines API. */
    void message(ObjectNode message) {
        if (!Json.has(message, "messageId")) {
            message.put("messageId", ids.next());
        }
        if (!Json.has(message, "timestamp")) {
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            message.put("timestamp", now.toString());
        }
    }
}
