package io.sluice.saas.clerk;

import io.quarkus.security.Authenticated;
import io.sluice.budget.Priority;
import io.sluice.http.Ndjson;
import io.sluice.http.StreamedResponse;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.saas.clerk.ClerkUserPages.Page;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameters;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The HTTP resource for the list of all of Clerk's users. */
@Path("/api/clerk/users")
@Authenticated
@Tag(name = "Clerk", description = "Many users at once")
public class ClerkUsersResource {
    private final ClerkUsers users;
    private final ClerkLookupContexts contexts;

    ClerkUsersResource(ClerkUsers users, ClerkLookupContexts contexts) {
        this.users = users;
        this.contexts = contexts;
    }

    /** A user, as the OpenAPI document describes it: Clerk's own JSON. */
    @Schema(
            name = "ClerkUser",
            description = "A user as Clerk's API describes it",
            additionalProperties = Schema.True.class)
    record ClerkUser(String id) {}

    @GET
    @Produces(Ndjson.TYPE)
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
            content = @Content(mediaType = Ndjson.TYPE, schema = @Schema(implementation = ClerkUser.class)))
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
                contexts.of(routing, account == null ? null : account.getFirst(), Priority.BULK, users.maxWait());
        ClerkUserPages pages = users.pages(context, query);
        // Before the response begins, so that a mistake in the request, or a failure of the vendor, can be a problem.
        List<byte[]> first = page(pages);
        return StreamedResponse.of(Ndjson.TYPE, routing, out -> {
            write(out, first);
            while (!pages.over()) {
                write(out, page(pages));
            }
        });
    }

    private static List<byte[]> page(ClerkUserPages pages) throws InterruptedException {
        return switch (pages.next()) {
            case Page.Users(List<byte[]> users) -> users;
            case Page.Unavailable(ClerkUsers.Failure failure) -> throw LookupProblems.of(failure);
        };
    }

    private static void write(OutputStream out, List<byte[]> users) throws IOException {
        for (byte[] user : users) {
            out.write(Ndjson.oneLine(user));
            out.write('\n');
        }
        out.flush();
    }
}
