package io.sluice.saas.clerk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The fields of a user or organization that caching and reconciliation need.
 *
 * @param createdAt epoch milliseconds
 * @param updatedAt epoch milliseconds; grows with every change
 */
record ClerkResource(String id, OptionalLong createdAt, OptionalLong updatedAt) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Reads an object; empty if the bytes are none, or one without an id. */
    static Optional<ClerkResource> read(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? read(parser) : Optional.empty();
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    /** Reads the object that the parser has just entered, up to its end. */
    static Optional<ClerkResource> read(JsonParser parser) throws IOException {
        String id = null;
        OptionalLong createdAt = OptionalLong.empty();
        OptionalLong updatedAt = OptionalLong.empty();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            if (token == null) {
                return Optional.empty();
            }
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if ("id".equals(name) && value == JsonToken.VALUE_STRING) {
                id = parser.getText();
            } else if ("updated_at".equals(name) && value == JsonToken.VALUE_NUMBER_INT) {
                updatedAt = OptionalLong.of(parser.getLongValue());
            } else if ("created_at".equals(name) && value == JsonToken.VALUE_NUMBER_INT) {
                createdAt = OptionalLong.of(parser.getLongValue());
            } else {
                parser.skipChildren();
            }
        }
        return id == null ? Optional.empty() : Optional.of(new ClerkResource(id, createdAt, updatedAt));
    }
}
