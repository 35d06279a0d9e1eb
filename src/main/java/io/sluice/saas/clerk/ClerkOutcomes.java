package io.sluice.saas.clerk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.Json;
import io.sluice.call.Body;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Result;
import io.sluice.call.Target;
import io.sluice.reconcile.Candidates;
import io.sluice.reconcile.OutcomeResolver;
import io.sluice.reconcile.ResolvedResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The resolvers of unknown outcomes at Clerk: reconcile creations and deletions that got no response. */
final class ClerkOutcomes {
    /** The largest assumed difference between Clerk's clock and ours. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    private ClerkOutcomes() {}

    /**
     * The resolver of a user's creation: finds the user by its {@code external_id}, or else its email address, which no
     * two users share. One that is older than the call was created by another, and would have been in the way: then the
     * outcome stays unknown.
     */
    static OutcomeResolver creation(ClerkApi api) {
        return (write, result, began, reader) -> {
            if (!result.unknown()) {
                return Optional.empty();
            }
            Optional<Target> search = search(write.request().body());
            if (search.isEmpty()) {
                return Optional.empty();
            }
            return reader.read(ClerkOperations.LIST_USERS, search.get(), api::listUsers)
                    .filter(answer -> answer.status() == 200)
                    .flatMap(answer -> ClerkUserList.read(answer.body()))
                    .flatMap(users -> Candidates.of(users).only())
                    .filter(user -> user.resource().createdAt().orElse(0)
                            >= began.minus(CLOCKS_APART).toEpochMilli())
                    .map(user -> answer(user.json()));
        };
    }

    /**
     * The resolver of a deletion: a 404 for the second attempt shows that the first one, which got no response, was
     * executed.
     */
    static OutcomeResolver deletion() {
        return (write, result, began, reader) -> {
            boolean gone = result instanceof Result.Answered answered
                    && answered.answer().status() == 404
                    && write.attempts().outcomeUnknown();
            if (!gone) {
                return Optional.empty();
            }
            List<String> path = write.request().target().names();
            String object = path.get(1).equals("users") ? "user" : "organization";
            return Optional.of(answer(JsonNodeFactory.instance
                    .objectNode()
                    .put("object", object)
                    .put("id", path.get(2))
                    .put("deleted", true)
                    .toString()
                    .getBytes(StandardCharsets.UTF_8)));
        };
    }

    private static Optional<Target> search(Body body) {
        if (!(body instanceof Body.Buffered(byte[] bytes))) {
            return Optional.empty();
        }
        JsonNode user;
        try {
            user = Json.LENIENT.readTree(bytes);
        } catch (IOException notJson) {
            return Optional.empty();
        }
        JsonNode emails = user.path("email_address");
        return Stream.of("external_id", "email_address")
                .flatMap(name -> {
                    JsonNode value =
                            name.equals("external_id") ? user.path(name) : emails.isArray() ? emails.path(0) : emails;
                    return Stream.of(value.asText())
                            // A sign in front would include or exclude.
                            .filter(text -> !text.isEmpty() && !text.startsWith("+") && !text.startsWith("-"))
                            .map(text -> Target.parse("/v1/users?limit=2&" + name + "="
                                    + URLEncoder.encode(text, StandardCharsets.UTF_8)));
                })
                .findFirst();
    }

    private static BufferedResponse answer(byte[] json) {
        return ResolvedResponse.of(ClerkErrors.TYPE, json);
    }
}
