package io.sluice.saas.clerk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A parser of lists of users that keeps each user's own bytes. */
final class ClerkUserList {
    private static final JsonFactory JSON = new JsonFactory();

    private ClerkUserList() {}

    /**
     * A user of a list.
     *
     * @param json its own bytes, as they stand in the list
     */
    @SuppressWarnings("ArrayRecordComponent") // users are never compared, and copying them would double their cost
    record User(ClerkResource resource, byte[] json) {}

    /** The users in their order; empty if the bytes are no list of users. */
    static Optional<List<User>> read(byte[] body) {
        List<User> users = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
                Optional<ClerkResource> user = ClerkResource.read(parser);
                if (user.isEmpty()) {
                    return Optional.empty();
                }
                int end = Math.toIntExact(parser.currentLocation().getByteOffset());
                users.add(new User(user.get(), Arrays.copyOfRange(body, start, end)));
            }
            return parser.currentToken() == JsonToken.END_ARRAY ? Optional.of(users) : Optional.empty();
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }
}
