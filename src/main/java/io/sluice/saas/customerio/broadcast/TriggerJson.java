package io.sluice.saas.customerio.broadcast;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.saas.customerio.CustomerioJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A parser of Customer.io's JSON about broadcast triggers. */
final class TriggerJson {
    /** The ids that may stand in a path. */
    static final Pattern ID = Pattern.compile("[0-9A-Za-z_-]{1,64}");

    private TriggerJson() {}

    /** The triggers in a list, by id, with true for each that has been processed. */
    static Optional<Map<String, Boolean>> list(byte[] json) {
        return CustomerioJson.object(json)
                .filter(list -> list.path("triggers").isArray())
                .map(list -> {
                    Map<String, Boolean> triggers = new LinkedHashMap<>();
                    list.path("triggers")
                            .forEach(trigger -> id(trigger).ifPresent(id -> triggers.put(id, processed(trigger))));
                    return triggers;
                });
    }

    /** The id in the response to a trigger. */
    static Optional<String> id(JsonNode trigger) {
        return CustomerioJson.name(trigger, "id").filter(id -> ID.matcher(id).matches());
    }

    /** True if the trigger is no longer pending. */
    static boolean processed(JsonNode trigger) {
        return trigger.path("processed_at").asLong(0) > 0;
    }
}
