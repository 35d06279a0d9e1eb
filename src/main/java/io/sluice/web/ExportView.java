package io.sluice.web;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.problem.Problem;
import jakarta.ws.rs.core.UriBuilder;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.media.SchemaProperty;
import org.jspecify.annotations.Nullable;

/**
 * An export, as the API shows it.
 *
 * @param state {@code queued, running, done, partly-failed, failed} or {@code cancelled}
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Export")
@RegisterForReflection
public record ExportView(
        String id,
        String vendor,
        String account,
        String team,
        String state,
        Instant createdAt,

        @Schema(description = "The forecast that was requested (Clari)") @Nullable
        String forecast,

        @Schema(description = "The request (Customer.io)") @Nullable
        String type,

        @Schema(description = "The other options of the request, with the vendor's defaults filled in")
        Map<String, Object> options,

        Progress progress,
        List<PartView> parts) {

    /** The number of parts, and how many are done or failed. */
    @Schema(name = "ExportProgress")
    @RegisterForReflection
    public record Progress(int parts, long done, long failed) {}

    /** One page of exports. */
    @Schema(name = "Exports")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(
            List<ExportView> exports,

            @Schema(description = "the cursor of the next page, if there is one") @Nullable
            String next) {}

    /**
     * The summary of a team's watched exports.
     *
     * @param underWay how many queued or running exports are watched
     * @param more whether there are more of them, all older than the watched ones
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "ExportsUnderWay")
    @RegisterForReflection
    public record UnderWay(int underWay, boolean more) {}

    /**
     * One part.
     *
     * @param state {@code queued, submitting, running, fetching, done, failed} or {@code cancelled}
     * @param attempts how often its request was sent to the vendor
     * @param polls how often the vendor's job was polled
     * @param bytes the size of its file; before it is done, the number of bytes received
     * @param nextPollAt when it is polled next
     * @param expiresAt until when the file is kept
     * @param result the path of the file
     * @param error why it failed, or why it makes no progress
     * @param flags the vendor's remarks on the file
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(
            name = "ExportPart",
            description = "One part of an export",
            properties = {
                @SchemaProperty(
                        name = "rows_truncated",
                        type = SchemaType.BOOLEAN,
                        description = "Clari: whether the file lacks rows"),
                @SchemaProperty(
                        name = "cells_truncated",
                        type = SchemaType.BOOLEAN,
                        description = "Clari: whether cells of the file are cut short")
            })
    @RegisterForReflection
    public record PartView(
            String part,
            String state,
            @Nullable String vendorJobId,
            int attempts,
            int polls,
            long bytes,
            @Nullable String sha256,
            @Nullable Instant nextPollAt,
            @Nullable Instant expiresAt,
            @Nullable String result,
            @Nullable ErrorView error,
            @Schema(hidden = true) @JsonAnyGetter Map<String, Boolean> flags) {}

    /**
     * The failure of a part, as a problem (RFC 9457).
     *
     * @param until when it ends by itself
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "ExportError")
    @RegisterForReflection
    public record ErrorView(
            String type,
            String title,
            String detail,
            @Nullable Instant until) {}

    /** Returns the export without its parts. */
    ExportView withoutParts() {
        return new ExportView(
                id, vendor, account, team, state, createdAt, forecast, type, options, progress, List.of());
    }

    /** @param terms the request that the vendor got */
    static ExportView of(Export export, Exporter.Terms terms) {
        return new ExportView(
                export.id(),
                export.account().vendor(),
                export.account().account(),
                export.team(),
                export.state().code(),
                export.createdAt(),
                terms.forecast(),
                terms.type(),
                Collections.unmodifiableMap(values(terms.options())),
                new Progress(
                        export.parts().size(), count(export, JobState.Name.DONE), count(export, JobState.Name.FAILED)),
                export.parts().stream().map(part -> part(export, part)).toList());
    }

    private static Map<String, Object> values(ObjectNode options) {
        Map<String, Object> values = new LinkedHashMap<>();
        options.properties().forEach(field -> values.put(field.getKey(), field.getValue()));
        return values;
    }

    private static long count(Export export, JobState.Name state) {
        return export.parts().stream().filter(part -> part.state() == state).count();
    }

    private static PartView part(Export export, Export.Part part) {
        JobState.StoredFile file = part.file();
        JobProblem problem = part.problem();
        return new PartView(
                part.part(),
                part.state().code(),
                part.vendorJobId(),
                part.attempts(),
                part.polls(),
                part.bytes(),
                file == null ? null : file.sha256(),
                part.dueAt(),
                file == null ? null : part.fileUntil(),
                file == null || part.fileUntil() == null ? null : result(export, part),
                problem == null
                        ? null
                        : new ErrorView(
                                Problem.TYPES + problem.kind().code(),
                                problem.kind().title(),
                                problem.detail(),
                                problem.until()),
                part.flags());
    }

    private static String result(Export export, Export.Part part) {
        return UriBuilder.fromPath("/api/exports/{id}/parts/{part}/result")
                .build(export.id(), part.part())
                .toString();
    }
}
