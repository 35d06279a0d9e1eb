package io.sluice.web;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.export.Exports;
import io.sluice.export.job.Export;
import io.sluice.export.job.ExportsConfig;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP resource that streams the changes of one export as server-sent events. The store is polled for each watcher
 * at short intervals, so that it does not matter which process drives the export.
 */
@Path("/api/exports/{id}/events")
@Authenticated
@Singleton
@Tag(name = "Exports", description = "Files that a vendor makes in a job of its own")
public class ExportEventsResource {
    private static final Duration WHEN_FULL = Duration.ofSeconds(10);

    private final Exports exports;
    private final ExportsConfig config;
    private final EventStreams streams;
    private final SecurityIdentity caller;
    private final AtomicInteger watchers = new AtomicInteger();

    ExportEventsResource(Exports exports, ExportsConfig config, EventStreams streams, SecurityIdentity caller) {
        this.exports = exports;
        this.config = config;
        this.streams = streams;
        this.caller = caller;
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(
            operationId = "watchExport",
            summary = "Watch an export",
            description =
                    "First every part, then each part that changes, as events `part` (an ExportPart); whenever the"
                            + " export itself changes, it without its parts as event `export` (an Export). Ends when"
                            + " the export has ended. To watch more than one, see `GET /api/events`.")
    @APIResponse(
            responseCode = "200",
            description = "Server-sent events; each one's data is one of these",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(anyOf = {ExportView.class, ExportView.PartView.class})))
    @FailsWith({Kind.NOT_FOUND, Kind.TOO_MANY_REQUESTS, Kind.UNAVAILABLE})
    public Multi<OutboundSseEvent> events(String id, @Context Sse sse, @Context RoutingContext routing) {
        @Nullable String team = ExportsResource.visibleTeam(caller);
        Export first = exports.find(id, team).orElseThrow(() -> ExportsResource.missing(id));
        if (watchers.incrementAndGet() > config.maxWatchers()) {
            watchers.decrementAndGet();
            throw new ApiException(Kind.TOO_MANY_REQUESTS, config.maxWatchers() + " watch exports already", WHEN_FULL);
        }
        EventsResource.unbuffered(routing);
        ExportWatch watch = new ExportWatch(sse);
        Multi<ExportWatch.Changes> later = Multi.createBy()
                .repeating()
                .uni(() -> Uni.createFrom()
                        .item(() -> exports.find(id, team)
                                .map(found -> watch.see(found, exports.terms(found)))
                                .orElseGet(watch::gone))
                        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool()))
                .withDelay(config.eventInterval())
                .whilst(changes -> !changes.last() && !streams.stopping());
        ExportWatch.Changes now = watch.see(first, exports.terms(first));
        Multi<ExportWatch.Changes> all = now.last()
                ? Multi.createFrom().item(now)
                : Multi.createBy().concatenating().streams(Multi.createFrom().item(now), later);
        return all.onItem()
                .transformToIterable(ExportWatch.Changes::events)
                .onTermination()
                .invoke(watchers::decrementAndGet);
    }
}
