package io.sluice.web;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.export.Exports;
import io.sluice.export.job.Export;
import io.sluice.export.job.JobState;
import io.sluice.http.ExactLengthStream;
import io.sluice.http.RequestIds;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource for the files of exports, as the vendors gave them. */
@Path("/api/exports/{id}/parts/{part}/result")
@Authenticated
@RunOnVirtualThread
@Tag(name = "Exports", description = "Files that a vendor makes in a job of its own")
public class ExportFilesResource {
    private static final Duration WHILE_FETCHED_AGAIN = Duration.ofSeconds(10);

    private final Exports exports;
    private final InstantSource clock;
    private final SecurityIdentity caller;
    private final RequestIds ids;

    ExportFilesResource(Exports exports, InstantSource clock, SecurityIdentity caller, RequestIds ids) {
        this.exports = exports;
        this.clock = clock;
        this.caller = caller;
        this.ids = ids;
    }

    @GET
    @Operation(
            operationId = "getExportResult",
            summary = "Download a part's file",
            description = "The file as the vendor gave it, with the vendor's Content-Type.")
    @APIResponse(
            responseCode = "200",
            description = "The file",
            headers = {
                @Header(name = "ETag", description = "The file's, strong", schema = @Schema(type = SchemaType.STRING)),
                @Header(
                        name = "Repr-Digest",
                        description = "SHA-256 of the whole file (RFC 9530)",
                        schema = @Schema(type = SchemaType.STRING)),
                @Header(
                        name = "Content-Disposition",
                        description = "The file's name",
                        schema = @Schema(type = SchemaType.STRING)),
                @Header(name = "Accept-Ranges", description = "bytes", schema = @Schema(type = SchemaType.STRING))
            },
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(
            responseCode = "206",
            description = "The bytes that Range asked for",
            headers =
                    @Header(
                            name = "Content-Range",
                            description = "The range of bytes, and the file's size",
                            schema = @Schema(type = SchemaType.STRING)),
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(responseCode = "304", description = "The file is the one that If-None-Match names")
    @FailsWith({Kind.NOT_FOUND, Kind.CONFLICT, Kind.GONE, Kind.RANGE_NOT_SATISFIABLE, Kind.UNAVAILABLE})
    public Response result(
            String id,
            String part,
            @Parameter(description = "One range of bytes, such as bytes=0-1023") @HeaderParam("Range") @Nullable
                    String range,
            @Parameter(description = "An ETag: Range holds for this file only") @HeaderParam("If-Range") @Nullable
                    String ifRange,
            @Parameter(description = "ETags of files that the client has")
                    @HeaderParam(HttpHeaders.IF_NONE_MATCH)
                    @Nullable
                    String known,
            @Context RoutingContext routing)
            throws IOException {
        Export export =
                exports.find(id, ExportsResource.visibleTeam(caller)).orElseThrow(() -> ExportsResource.missing(id));
        Export.Part found = export.parts().stream()
                .filter(candidate -> candidate.part().equals(part))
                .findFirst()
                .orElseThrow(() -> new ApiException(Kind.NOT_FOUND, "export " + id + " has no part " + part));
        JobState.StoredFile file = file(found);
        String tag = '"' + file.sha256() + '"';
        if (known != null && (known.equals("*") || known.contains(tag))) {
            return Response.notModified().header(HttpHeaders.ETAG, tag).build();
        }
        ByteRange.RequestedRange asked =
                ByteRange.of(ifRange == null || ifRange.equals(tag) ? range : null, file.bytes());
        return switch (asked) {
            case ByteRange.RequestedRange.Beyond() ->
                Response.fromResponse(Kind.RANGE_NOT_SATISFIABLE
                                .with("the file has " + file.bytes() + " bytes", ids.of(routing))
                                .response())
                        .header("Content-Range", "bytes */" + file.bytes())
                        .build();
            case ByteRange.RequestedRange.WholeFile() ->
                described(Response.ok(), export, found, file, tag)
                        .header(HttpHeaders.CONTENT_LENGTH, file.bytes())
                        .entity(new ExactLengthStream(open(found, file, 0), file.bytes()))
                        .build();
            case ByteRange.RequestedRange.Part(ByteRange bytes) ->
                described(Response.status(Response.Status.PARTIAL_CONTENT), export, found, file, tag)
                        .header(HttpHeaders.CONTENT_LENGTH, bytes.length())
                        .header("Content-Range", "bytes " + bytes.first() + "-" + bytes.last() + "/" + file.bytes())
                        .entity(new ExactLengthStream(open(found, file, bytes.first()), bytes.length()))
                        .build();
        };
    }

    private JobState.StoredFile file(Export.Part part) {
        JobState.StoredFile file = part.file();
        if (file == null) {
            throw new ApiException(
                    Kind.CONFLICT,
                    "part " + part.part() + " has no file: it is "
                            + part.state().code());
        }
        Instant until = part.fileUntil();
        if (until == null || !until.isAfter(clock.instant())) {
            throw new ApiException(Kind.GONE, "the file of part " + part.part() + " has expired");
        }
        return file;
    }

    private InputStream open(Export.Part part, JobState.StoredFile file, long from) throws IOException {
        return exports.open(part, file, from)
                .orElseThrow(() -> new ApiException(
                        Kind.UNAVAILABLE,
                        "the file of part " + part.part() + " was lost and is being fetched again",
                        WHILE_FETCHED_AGAIN));
    }

    private static Response.ResponseBuilder described(
            Response.ResponseBuilder response, Export export, Export.Part part, JobState.StoredFile file, String tag) {
        String digest = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(file.sha256()));
        return response.header(HttpHeaders.CONTENT_TYPE, file.contentType())
                .header(HttpHeaders.ETAG, tag)
                .header("Accept-Ranges", "bytes")
                .header("Repr-Digest", "sha-256=:" + digest + ":")
                .header(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .header("X-Content-Type-Options", "nosniff")
                .header(HttpHeaders.CONTENT_DISPOSITION, disposition(name(export, part, file)));
    }

    private static String name(Export export, Export.Part part, JobState.StoredFile file) {
        String given = part.fileName();
        if (given != null) {
            return given;
        }
        String type = file.contentType();
        String ending = type.contains("json") ? ".json" : type.contains("csv") ? ".csv" : "";
        return export.account().vendor() + "-" + export.id() + "-" + part.part() + ending;
    }

    /**
     * The {@code Content-Disposition} with the name in plain letters for old programs, and in full for others
     * (RFC 6266).
     */
    private static String disposition(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''"
                + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
