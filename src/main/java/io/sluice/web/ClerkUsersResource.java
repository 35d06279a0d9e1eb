package io.sluice.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.budget.Priority;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.TeamShares;
import io.sluice.gateway.ClientConnection;
import io.sluice.gateway.GatewayConfig;
import io.sluice.gateway.RequestIds;
import io.sluice.gateway.RequestPreferences;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.sluice.saas.clerk.ClerkUserPages;
import io.sluice.saas.clerk.ClerkUserPages.Page;
import io.sluice.saas.clerk.ClerkUsers;
import io.sluice.saas.clerk.ClerkUsers.UserLookup;
import io.sluice.web.Problem.Kind;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameters;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource for bulk reads of Clerk's users. */
@Path("/api/clerk/users")
@Authenticated
@Tag(name = "Clerk", description = "Many users at once")
public class ClerkUsersResource {
    static final String NDJSON = "application/x-ndjson";

    private static final String EXAMPLE = "{\"ids\":[\"user_sandbox_1\",\"user_sandbox_2\"]}";
    private static final String VENDOR = "clerk";
    private static final int MOST_IDS = 10_000;

    private final ClerkUsers users;
    private final GatewayConfig config;
    private final RequestIds ids;
    private final TeamShares shares;
    private final SecurityIdentity caller;
    private final ObjectMapper json;

    ClerkUsersResource(
            ClerkUsers users,
            GatewayConfig config,
            RequestIds ids,
            TeamShares shares,
            SecurityIdentity caller,
            ObjectMapper json) {
        this.users = users;
        this.shares = shares;
        this.config = config;
        this.ids = ids;
        this.caller = caller;
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

    /** A user, as the OpenAPI document describes it: Clerk's own JSON. */
    @Schema(
            name = "ClerkUser",
            description = "A user as Clerk's API describes it",
            additionalProperties = Schema.True.class)
    record ClerkUser(String id) {}

    /** The response to a lookup, as the OpenAPI document describes it. */
    @Schema(name = "LookupResults")
    record LookupResults(List<LookupResult> results) {}

    /** The result for one id, as the OpenAPI document describes it. */
    @Schema(name = "LookupResult", description = "The user, or why there is none")
    record LookupResult(
            String id, @Nullable ClerkUser user, @Nullable Problem error) {}

    @POST
    @Path("/lookup")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces({MediaType.APPLICATION_JSON, NDJSON})
    @RunOnVirtualThread
    @Operation(
            operationId = "lookUpClerkUsers",
            summary = "Look users up by id, 100 a call; cached ones cost no call",
            description = "Results come in the order of the ids; with Accept: " + NDJSON
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
                @Content(mediaType = NDJSON, schema = @Schema(implementation = LookupResult.class))
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
        ClerkUsers.LookupContext context = context(
                routing,
                lookup.account(),
                RequestPreferences.priority(routing.request().headers()),
                RequestPreferences.maxWait(routing.request().headers(), config.permitWait()));
        boolean lines = headers.getAcceptableMediaTypes().stream()
                .anyMatch(type -> (type.getType() + "/" + type.getSubtype()).equals(NDJSON));
        List<String> asked = List.copyOf(lookup.ids());
        return stream(lines ? NDJSON : MediaType.APPLICATION_JSON, routing, out -> {
            Results results = new Results(out, lines, context.requestId());
            results.begin();
            look(context, asked, results);
            results.end();
        });
    }

    @GET
    @Produces(NDJSON)
    @RunOnVirtualThread
    @Operation(
            operationId = "listClerkUsers",
            summary = "Every user, one a line, at bulk priority",
            description = "Takes Clerk's filters, each of which may be repeated. The connection breaks where the list"
                    + " cannot be completed.")
    @Parameters({
        @Parameter(
                name = "account",
                in = ParameterIn.QUERY,
                description = "The account's name",
                schema = @Schema(type = SchemaType.STRING, defaultValue = "default")),
        @Parameter(
                name = "starting_after",
                in = ParameterIn.QUERY,
                description = "Go on after the user with this id: the last one received",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "order_by",
                in = ParameterIn.QUERY,
                description = "A field, after + or -. Ordered by created_at, no user that stays is skipped",
                schema = @Schema(type = SchemaType.STRING, defaultValue = "+created_at")),
        @Parameter(
                name = "user_id",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "email_address",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "phone_number",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "external_id",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "username",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "web3_wallet",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "organization_id",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "provider_user_id",
                in = ParameterIn.QUERY,
                description = "One or more values",
                schema = @Schema(implementation = String[].class)),
        @Parameter(
                name = "query",
                in = ParameterIn.QUERY,
                description = "A part of an id, a name, an email address, a phone number or a wallet",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "email_address_query",
                in = ParameterIn.QUERY,
                description = "A part of an email address",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "phone_number_query",
                in = ParameterIn.QUERY,
                description = "A part of a phone number",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "username_query",
                in = ParameterIn.QUERY,
                description = "A part of a user name",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "name_query",
                in = ParameterIn.QUERY,
                description = "A part of a first or last name",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "provider",
                in = ParameterIn.QUERY,
                description = "The provider of an external account, with provider_user_id",
                schema = @Schema(type = SchemaType.STRING)),
        @Parameter(
                name = "banned",
                in = ParameterIn.QUERY,
                description = "Whether the user is banned",
                schema = @Schema(type = SchemaType.BOOLEAN)),
        @Parameter(
                name = "last_active_at_since",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "last_active_at_before",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "last_active_at_after",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "created_at_before",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "created_at_after",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "last_sign_in_at_before",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "last_sign_in_at_after",
                in = ParameterIn.QUERY,
                description = "In milliseconds since 1970",
                schema = @Schema(type = SchemaType.INTEGER, format = "int64")),
        @Parameter(
                name = "Clerk-API-Version",
                in = ParameterIn.HEADER,
                description = "The version of Clerk's API, as a date",
                schema = @Schema(type = SchemaType.STRING))
    })
    @APIResponse(
            responseCode = "200",
            description = "One user a line",
            content = @Content(mediaType = NDJSON, schema = @Schema(implementation = ClerkUser.class)))
    @FailsWith({
        Kind.FORBIDDEN,
        Kind.QUOTA_EXCEEDED,
        Kind.NOT_FOUND,
        Kind.INVALID,
        Kind.VENDOR_REFUSED,
        Kind.TOO_MANY_REQUESTS,
        Kind.VENDOR_FAILED,
        Kind.CREDENTIAL_REFUSED,
        Kind.VENDOR_TIMEOUT
    })
    public Response all(@Context RoutingContext routing, @Context UriInfo uri) throws InterruptedException {
        Map<String, List<String>> query = new HashMap<>(uri.getQueryParameters());
        List<String> account = query.remove("account");
        for (String paging : List.of("limit", "offset")) {
            if (query.containsKey(paging)) {
                throw new ApiException(Kind.INVALID, paging + " is not for the whole list; see starting_after");
            }
        }
        ClerkUsers.LookupContext context =
                context(routing, account == null ? null : account.getFirst(), Priority.BULK, users.maxWait());
        ClerkUserPages pages = users.pages(context, query);
        // Before the response begins, so that a mistake in the request, or a failure of the vendor, can be a problem.
        List<byte[]> first = page(pages);
        return stream(NDJSON, routing, out -> {
            write(out, first);
            while (!pages.over()) {
                write(out, page(pages));
            }
        });
    }

    private ClerkUsers.LookupContext context(
            RoutingContext routing, @Nullable String account, Priority priority, Duration maxWait) {
        Team team = TeamIdentities.teamOf(caller);
        if (!team.may(VENDOR, ClerkUsers.operation(), true)) {
            throw new ApiException(
                    Kind.FORBIDDEN, "team " + team.name() + " may not call " + VENDOR + ":" + ClerkUsers.operation());
        }
        String name = account == null ? "default" : account;
        if (!users.accounts().contains(name)) {
            throw new ApiException(
                    Kind.NOT_FOUND,
                    "there is no account " + VENDOR + "/" + name + "; there are "
                            + users.accounts().stream().sorted().toList());
        }
        AtomicReference<@Nullable Call> current = new AtomicReference<>();
        AtomicBoolean left = new AtomicBoolean();
        ClientConnection.watch(routing, () -> {
            left.set(true);
            Call call = current.get();
            if (call != null) {
                call.abandon();
            }
        });
        return new ClerkUsers.LookupContext(
                name,
                routing.request().getHeader("Clerk-API-Version"),
                shares.of(team.name()),
                priority,
                maxWait,
                ids.of(routing),
                call -> {
                    current.set(call);
                    if (left.get()) {
                        call.abandon();
                    }
                });
    }

    /** Iterates over the ids, and fetches those that are not cached whenever there are enough for one call. */
    private void look(ClerkUsers.LookupContext context, List<String> asked, Results results)
            throws IOException, InterruptedException {
        Map<String, UserLookup> known = new HashMap<>();
        Set<String> unknown = new LinkedHashSet<>();
        int written = 0;
        for (int next = 0; next < asked.size(); next++) {
            String id = asked.get(next);
            if (!known.containsKey(id) && !unknown.contains(id)) {
                users.kept(context, id).ifPresentOrElse(kept -> known.put(id, kept), () -> unknown.add(id));
            }
            boolean last = next == asked.size() - 1;
            if (unknown.size() == ClerkUsers.TOGETHER || last || known.size() >= MOST_IDS / 10) {
                if (!unknown.isEmpty()) {
                    known.putAll(users.ask(context, unknown));
                    unknown.clear();
                }
                for (; written <= next; written++) {
                    results.add(asked.get(written), known.getOrDefault(asked.get(written), new UserLookup.Missing()));
                }
                known.clear();
                results.flush();
            }
        }
    }

    private static List<byte[]> page(ClerkUserPages pages) throws InterruptedException {
        return switch (pages.next()) {
            case Page.Users(List<byte[]> users) -> users;
            case Page.Unavailable(ClerkUsers.Failure failure) -> throw VendorProblems.of(failure);
        };
    }

    private static void write(OutputStream out, List<byte[]> users) throws IOException {
        for (byte[] user : users) {
            out.write(oneLine(user));
            out.write('\n');
        }
        out.flush();
    }

    /** Line ends in JSON stand between tokens only, where blanks mean the same. */
    private static byte[] oneLine(byte[] json) {
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                json[i] = ' ';
            }
        }
        return json;
    }

    /** A response body that is written as its content arrives. */
    @FunctionalInterface
    private interface Body {
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    private static Response stream(String type, RoutingContext routing, Body body) {
        StreamingOutput stream = out -> {
            try {
                body.write(out);
            } catch (IOException | CallAbandonedException left) {
                // The client has disconnected, so the rest is not written.
                ClientConnection.breakOff(routing.request());
            } catch (ApiException broken) {
                // A part must not look like the whole.
                ClientConnection.breakOff(routing.request());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ClientConnection.breakOff(routing.request());
            }
        };
        return Response.ok(stream).header(HttpHeaders.CONTENT_TYPE, type).build();
    }

    /** The writer of results, in one object or one a line. */
    private final class Results {
        private final OutputStream out;
        private final boolean lines;
        private final String requestId;
        private boolean begun;

        Results(OutputStream out, boolean lines, String requestId) {
            this.out = out;
            this.lines = lines;
            this.requestId = requestId;
        }

        void begin() throws IOException {
            if (!lines) {
                out.write(ascii("{\"results\":["));
            }
        }

        void add(String id, UserLookup looked) throws IOException {
            if (!lines && begun) {
                out.write(',');
            }
            begun = true;
            out.write(ascii("{\"id\":"));
            out.write(json.writeValueAsBytes(id));
            switch (looked) {
                case UserLookup.User(byte[] user) -> {
                    out.write(ascii(",\"user\":"));
                    out.write(lines ? oneLine(user.clone()) : user);
                }
                case UserLookup.Missing() -> error(new ApiException(Kind.NOT_FOUND, "there is no such user"));
                case UserLookup.NoId() -> error(new ApiException(Kind.INVALID, "no user has such an id"));
                case UserLookup.Unknown(ClerkUsers.Failure failure) -> error(VendorProblems.of(failure));
            }
            out.write(ascii(lines ? "}\n" : "}"));
        }

        private void error(ApiException problem) throws IOException {
            out.write(ascii(",\"error\":"));
            out.write(json.writeValueAsBytes(problem.problem(requestId)));
        }

        void flush() throws IOException {
            out.flush();
        }

        void end() throws IOException {
            if (!lines) {
                out.write(ascii("]}"));
            }
            out.flush();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
