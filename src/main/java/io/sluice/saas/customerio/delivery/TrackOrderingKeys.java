package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.saas.customerio.CustomerioJson;
import java.util.Map;
import java.util.Optional;

/** The ordering keys of Track v2's operations: the person or object whose operations must keep their order. */
final class TrackOrderingKeys {
    private TrackOrderingKeys() {}

    /** The person or object; empty for an operation that has no order to keep. */
    static Optional<String> of(ObjectNode operation) {
        JsonNode identifiers = operation.path("identifiers");
        return switch (operation.path("type").asText("")) {
            case "person" ->
                merges(operation)
                        ? person(operation.path("primary"))
                        : person(identifiers)
                                .or(() -> CustomerioJson.name(operation, "anonymous_id")
                                        .map(id -> "anonymous:" + id));
            case "object" ->
                CustomerioJson.name(identifiers, "object_type_id")
                        .flatMap(type ->
                                CustomerioJson.name(identifiers, "object_id").map(id -> "object:" + type + "/" + id))
                        .or(() -> CustomerioJson.name(identifiers, "cio_object_id")
                                .map(id -> "object:" + id));
            default -> Optional.empty();
        };
    }

    /** The second person of a merge. */
    static Optional<String> second(ObjectNode operation) {
        return merges(operation) ? person(operation.path("secondary")) : Optional.empty();
    }

    static boolean merges(ObjectNode operation) {
        return operation.path("type").asText("").equals("person")
                && operation.path("action").asText("").equals("merge");
    }

    private static Optional<String> person(JsonNode identifiers) {
        if (!identifiers.isObject() || identifiers.size() != 1) {
            return Optional.empty();
        }
        Map.Entry<String, JsonNode> only = identifiers.properties().iterator().next();
        return CustomerioJson.name(identifiers, only.getKey()).map(value -> only.getKey() + ":" + value);
    }
}
