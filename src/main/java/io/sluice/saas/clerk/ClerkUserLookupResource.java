package io.sluice.saas.clerk;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.sluice.http.Ndjson;
import io.sluice.http.PermitWaitConfig;
import io.sluice.http.RequestPreferences;
import io.sluice.http.StreamedResponse;
import io.sluice.http.StrictBody;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem;
import io.sluice.problem.Problem.Kind;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource for look-ups of many of Clerk's users by id. */
@Path("/api/clerk/users/lookup")
@Authenticated
@Tag(name = "Clerk", description = "Many users at once")
public class ClerkUserLookupResource {
    private static final String EXAMPLE = "{\"ids\":[\"user_sandbox_1\",\"user_sandbox_2\"]}";
    private static final int MOST_IDS = 10_000;

    private final ClerkUsers users;
    private final ClerkLookupContexts contexts;
    private final PermitWaitConfig permitWait;
    private final ObjectMapper json;

    ClerkUserLookupResource(
            ClerkUsers users, ClerkLookupContexts contexts, PermitWaitConfig permitWait, ObjectMapper json) {
        this.users = users;
        this.contexts = contexts;
        this.permitWait = permitWait;
        this.json = json;
    }

    /**
     * The ids to look up.
     *
     * @param account the account, {@code default} if absent
     */
    public record Lookup(
            @Schema(defaultValue = "default") @Nullable String account,
            @NotNull @Size(min = 1, max = MOST_IDS) List<@NotNull @Size(min = 1, max = 200) String> ids) {}

    /** The response to a lookup, as the OpenAPI document describes it. */
    @Schema(name = "LookupResults")
    record LookupResults(List<LookupResult> results) {}

    /** The result for one id, as the OpenAPI document describes it. */
    @Schema(name = "LookupResult", description = "The user, or why there is none")
    record LookupResult(
            String id,
            ClerkUsersResource.@Nullable ClerkUser user,
            @Nullable Problem error) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({MediaType.APPLICATION_JSON, Ndjson.TYPE})
    @RunOnVirtualThread
    @Operation(
            operationId = "lookUpClerkUsers",
            summary = "Look users up by id, 100 a call; cached ones cost no call",
            description = "Results come in the order of the ids; with Accept: " + Ndjson.TYPE
                    + " one a line, as soon as they are known.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = Lookup.class),
                            examples = @ExampleObject(name = "clerk", value = EXAMPLE)))
    @APIResponse(
            responseCode = "200",
            description = "A result for each id",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = LookupResults.class)),
                @Content(mediaType = Ndjson.TYPE, schema = @Schema(implementation = LookupResult.class))
            })
    @FailsWith({
        Kind.MALFORMED_JSON,
        Kind.FORBIDDEN,
        Kind.NOT_FOUND,
        Kind.TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE,
        Kind.INVALID
    })
    @CustomDeserialization(StrictBody.class)
    public Response lookup(
            @Context RoutingContext routing, @Context HttpHeaders headers, @Valid @NotNull Lookup lookup) {
        ClerkUsers.LookupContext context = contexts.of(
                routing,
                lookup.account(),
                RequestPreferences.priority(routing.request().headers()),
                RequestPreferences.maxWait(routing.request().headers(), permitWait));
        boolean lines = headers.getAcceptableMediaTypes().stream()
                .anyMatch(type -> (type.getType() + "/" + type.getSubtype()).equals(Ndjson.TYPE));
        List<String> asked = List.copyOf(lookup.ids());
        return StreamedResponse.of(lines ? Ndjson.TYPE : MediaType.APPLICATION_JSON, routing, out -> {
            LookupResultWriter results = new LookupResultWriter(json, out, lines, context.requestId());
            results.begin();
            new ClerkUserLookup(users).look(context, asked, results);
            results.end();
        });
    }
}
