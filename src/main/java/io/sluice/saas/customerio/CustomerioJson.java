package io.sluice.saas.customerio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The JSON of Customer.io's calls: parsing and writing. Numbers keep every digit. */
public final class CustomerioJson {
    private static final ObjectMapper MAPPER = Json.EXACT;

    private CustomerioJson() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** The object that these bytes are, if they are one. */
    public static Optional<ObjectNode> object(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes) instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    /** Parses a text that Sluice wrote as an object. */
    public static ObjectNode parse(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The length of a text on the wire, in bytes. */
    public static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** True if a field is present and not null. */
    public static boolean has(JsonNode object, String field) {
        return object.hasNonNull(field);
    }

    /** The text of a field that is a text or a number. */
    public static Optional<String> name(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return (value.isTextual() || value.isNumber()) && !value.asText().isEmpty()
                ? Optional.of(value.asText())
                : Optional.empty();
    }
}
