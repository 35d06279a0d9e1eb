package io.sluice.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.resteasy.reactive.jackson.CustomDeserialization;
import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.Sha256;
import io.sluice.cache.CacheDirectives;
import io.sluice.export.Exports;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.Exporter.InvalidRequestException;
import io.sluice.http.StrictBody;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource for exports: request, read and cancel them. A team sees its own, an admin all. */
@Path("/api/exports")
@Authenticated
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Exports", description = "Files that a vendor makes in a job of its own")
public class ExportsResource {
    private static final Duration WHEN_FULL = Duration.ofSeconds(60);

    private final Exports exports;
    private final ObjectMapper json;
    private final SecurityIdentity caller;
    private final AdminLog log;

    ExportsResource(Exports exports, ObjectMapper json, SecurityIdentity caller, AdminLog log) {
        this.exports = exports;
        this.json = json;
        this.caller = caller;
        this.log = log;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "createExport",
            summary = "Request an export",
            description = "The request is durable when the response comes. Unknown fields are refused.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = NewExport.class),
                            examples = {
                                @ExampleObject(name = "clari", value = NewExport.CLARI_EXAMPLE),
                                @ExampleObject(name = "customerio", value = NewExport.CUSTOMERIO_EXAMPLE)
                            }))
    @Parameter(
            name = HttpHeaders.CACHE_CONTROL,
            in = ParameterIn.HEADER,
            description = "no-cache: make the files anew although equal ones are fresh",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "202",
            description = "Accepted",
            headers =
                    @Header(
                            name = HttpHeaders.LOCATION,
                            description = "Path of the export",
                            required = true,
                            schema = @Schema(type = SchemaType.STRING)),
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = ExportView.class)))
    @FailsWith({
        Kind.MALFORMED_JSON,
        Kind.FORBIDDEN,
        Kind.TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE,
        Kind.INVALID,
        Kind.IDEMPOTENCY_KEY_REUSED,
        Kind.TOO_MANY_REQUESTS,
        Kind.UNAVAILABLE
    })
    @CustomDeserialization(StrictBody.class)
    public Response create(
            @NotNull ObjectNode parameters,
            @Parameter(description = "The same key with the same request gets the first response again")
                    @HeaderParam("Idempotency-Key")
                    @Size(min = 1, max = IdempotencyStore.LONGEST_KEY)
                    @Nullable
                    String key,
            @Context HttpHeaders headers) {
        String requestHash = Sha256.hex(parameters.toString());
        Team team = TeamIdentities.teamOf(caller);
        String vendor = text(parameters.remove("vendor"), "vendor", null);
        String account = text(parameters.remove("account"), "account", "default");
        Exporter exporter = exports.exporters().get(vendor);
        if (exporter != null && !team.may(vendor, exporter.operation(), false)) {
            throw new ApiException(
                    Kind.FORBIDDEN, "team " + team.name() + " may not call " + vendor + ":" + exporter.operation());
        }
        boolean fresh = CacheDirectives.of(headers::getRequestHeader, false).noCache();
        Exports.Request request = new Exports.Request(
                vendor,
                account,
                team.name(),
                parameters,
                fresh,
                key == null ? null : new Exports.Key(key, requestHash));
        try {
            return switch (exports.submit(request, this::body)) {
                case Exports.SubmitResult.Accepted(Export export) -> accepted(export.id(), body(export));
                case Exports.SubmitResult.Replayed(String first) -> accepted(id(first), first);
                case Exports.SubmitResult.KeyReused() ->
                    throw new ApiException(
                            Kind.IDEMPOTENCY_KEY_REUSED, "the Idempotency-Key was used for another request");
                case Exports.SubmitResult.TooManyOpen(int open, int limit) ->
                    throw new ApiException(
                            Kind.TOO_MANY_REQUESTS,
                            "the team has " + open + " jobs under way, and may have " + limit,
                            WHEN_FULL);
            };
        } catch (InvalidRequestException e) {
            throw new ApiException(Kind.INVALID, String.valueOf(e.getMessage()));
        }
    }

    private static String text(@Nullable JsonNode value, String name, @Nullable String otherwise) {
        if (value == null && otherwise != null) {
            return otherwise;
        }
        if (value == null || !value.isTextual() || value.textValue().isBlank()) {
            throw new ApiException(Kind.INVALID, name + " must be a text");
        }
        return value.textValue();
    }

    private String body(Export export) {
        try {
            return json.writeValueAsString(view(export));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an export is no JSON", e);
        }
    }

    private String id(String body) {
        try {
            return json.readTree(body).path("id").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored answer is no JSON", e);
        }
    }

    private static Response accepted(String id, String body) {
        return Response.accepted(body)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.LOCATION, "/api/exports/" + id)
                .build();
    }

    @GET
    @Operation(operationId = "listExports", summary = "List exports, the youngest first")
    @FailsWith({Kind.FORBIDDEN, Kind.INVALID, Kind.UNAVAILABLE})
    public ExportView.Page list(
            @Parameter(
                            description = "Only those in this state",
                            schema =
                                    @Schema(
                                            enumeration = {
                                                "queued",
                                                "running",
                                                "done",
                                                "partly-failed",
                                                "failed",
                                                "cancelled"
                                            }))
                    @QueryParam("state")
                    @Nullable
                    String state,
            @Parameter(description = "Only those of this vendor") @QueryParam("vendor") @Nullable String vendor,
            @Parameter(description = "Only those of this team; an admin sees those of all teams otherwise")
                    @QueryParam("team")
                    @Nullable
                    String team,
            @Parameter(description = "The value of next in the page before") @QueryParam("cursor") @Nullable
                    String cursor,
            @Parameter(description = "Exports on the page") @QueryParam("limit") @DefaultValue("20") @Min(1) @Max(200)
                    int limit) {
        List<Export> found = exports.list(visibleTeam(caller, team), parse(state), vendor, cursor, limit + 1);
        List<Export> page = found.subList(0, Math.min(limit, found.size()));
        return new ExportView.Page(
                page.stream().map(this::view).toList(),
                found.size() > limit ? page.getLast().id() : null);
    }

    private static Export.@Nullable State parse(@Nullable String state) {
        return state == null
                ? null
                : Stream.of(Export.State.values())
                        .filter(candidate -> candidate.code().equals(state))
                        .findFirst()
                        .orElseThrow(() -> new ApiException(
                                Kind.INVALID,
                                "state is one of "
                                        + Stream.of(Export.State.values())
                                                .map(Export.State::code)
                                                .toList()
                                        + ": " + state));
    }

    @GET
    @Path("/{id}")
    @Operation(operationId = "getExport", summary = "Read an export")
    @FailsWith({Kind.NOT_FOUND, Kind.UNAVAILABLE})
    public ExportView one(String id) {
        return view(exports.find(id, visibleTeam()).orElseThrow(() -> missing(id)));
    }

    @DELETE
    @Path("/{id}")
    @Operation(
            operationId = "cancelExport",
            summary = "Cancel the unfinished parts of an export",
            description =
                    "Their jobs are cancelled at the vendor too, unless another export waits for the same. A part that"
                            + " has ended stays as it is.")
    @FailsWith({Kind.NOT_FOUND, Kind.UNAVAILABLE})
    public ExportView cancel(String id) {
        Export cancelled = exports.cancel(id, visibleTeam()).orElseThrow(() -> missing(id));
        if (TeamIdentities.teamOf(caller).admin()) {
            log.did("cancel-export", "export", id, "of", cancelled.team());
        }
        return view(cancelled);
    }

    private ExportView view(Export export) {
        return ExportView.of(export, exports.terms(export));
    }

    static ApiException missing(String id) {
        return new ApiException(Kind.NOT_FOUND, "there is no export " + id);
    }

    private @Nullable String visibleTeam() {
        return visibleTeam(caller);
    }

    /** Returns the team whose exports the caller may see; null for all. */
    static @Nullable String visibleTeam(SecurityIdentity caller) {
        return visibleTeam(caller, null);
    }

    /**
     * Returns the team whose exports are shown to the caller; null for all.
     *
     * @param wanted the team whose exports are requested; null for all that the caller may see
     */
    static @Nullable String visibleTeam(SecurityIdentity caller, @Nullable String wanted) {
        Team team = TeamIdentities.teamOf(caller);
        if (team.admin()) {
            return wanted;
        }
        if (wanted != null && !wanted.equals(team.name())) {
            throw new ApiException(Kind.FORBIDDEN, "only an admin may see exports of other teams");
        }
        return team.name();
    }
}
