package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.Ulids;
import io.sluice.saas.customerio.CustomerioJson;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * The defaults that make events idempotent: adds to operations, once and before they are stored, an id, by which
 * Customer.io deduplicates events, and the time at which they were accepted. So delivering them late or twice is
 * harmless. Values that the caller gave stay.
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

    /** Adds id and time to an event of the Track API. */
    void event(ObjectNode event) {
        if (!CustomerioJson.has(event, "id")) {
            event.put("id", ids.next());
        }
        time(event);
    }

    /** Adds the time alone. */
    void time(ObjectNode operation) {
        if (!CustomerioJson.has(operation, "timestamp")) {
            operation.put("timestamp", clock.instant().getEpochSecond());
        }
    }

    /** Adds id and time to a message of the Pipelines API. */
    void message(ObjectNode message) {
        if (!CustomerioJson.has(message, "messageId")) {
            message.put("messageId", ids.next());
        }
        if (!CustomerioJson.has(message, "timestamp")) {
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            message.put("timestamp", now.toString());
        }
    }
}
