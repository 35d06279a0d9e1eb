package io.sluice.web;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.http.ClientConnection;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailsWith;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.TeamIdentities;
import io.sluice.web.EventStream.Message;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.Explode;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterStyle;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The HTTP resource of the event stream: all that a team watches, over one connection. */
@Path("/api/events")
@Authenticated
@Singleton
@Tag(name = "Events", description = "A stream of changes")
public class EventsResource {
    private final EventStreams streams;
    private final SecurityIdentity caller;

    EventsResource(EventStreams streams, SecurityIdentity caller) {
        this.streams = streams;
        this.caller = caller;
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(
            operationId = "watchEvents",
            summary = "Watch changes, over one connection",
            description = "Topic `exports`: the stream begins with an event `export` (an Export with its parts) for"
                    + " each export that is queued or running, and an event `exports` (an ExportsUnderWay), which says"
                    + " that these are all, or that there are older ones. Then an event follows whenever one of them"
                    + " changes, its end included. Events have no ids and none are replayed: a new connection"
                    + " begins anew, and `GET /api/exports` shows what has ended meanwhile. A client that reads"
                    + " slowly skips versions; one that reads nothing for sluice.events.stall-timeout is"
                    + " disconnected. Comments keep a quiet connection open.")
    @APIResponse(
            responseCode = "200",
            description = "Server-sent events; each one's data is one of these",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(anyOf = {ExportView.class, ExportView.UnderWay.class})))
    @FailsWith({Kind.BAD_REQUEST, Kind.FORBIDDEN, Kind.TOO_MANY_REQUESTS, Kind.UNAVAILABLE})
    public Multi<OutboundSseEvent> events(
            @Parameter(
                            description = "Topics, with commas in between",
                            required = true,
                            style = ParameterStyle.FORM,
                            explode = Explode.FALSE)
                    @QueryParam("topics")
                    List<String> topics,
            @Parameter(description = "Only entries of this team; an admin sees all teams otherwise")
                    @QueryParam("team")
                    @Nullable
                    String team,
            @Context Sse sse,
            @Context RoutingContext routing) {
        Set<String> names = parse(topics);
        EventStreams.Client client = new EventStreams.Client(
                TeamIdentities.teamOf(caller).name(),
                ExportsResource.visibleTeam(caller, team),
                names,
                () -> ClientConnection.breakOff(routing.request()));
        unbuffered(routing);
        Multi<Message> messages = Multi.createFrom().publisher(streams.open(client));
        return messages.map(message -> event(sse, message));
    }

    /** Keeps a stream's response out of caches and of the buffers of proxies; nginx follows the second header. */
    static void unbuffered(RoutingContext routing) {
        routing.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store").putHeader("X-Accel-Buffering", "no");
    }

    private Set<String> parse(List<String> given) {
        Set<String> names = new LinkedHashSet<>();
        for (String list : given) {
            names.addAll(List.of(list.split(",", -1)));
        }
        if (names.isEmpty()) {
            throw new ApiException(Kind.BAD_REQUEST, "topics is missing; there are " + streams.topics());
        }
        for (String name : names) {
            if (!streams.topics().contains(name)) {
                throw new ApiException(
                        Kind.BAD_REQUEST, "there is no topic " + name + "; there are " + streams.topics());
            }
        }
        return names;
    }

    private static OutboundSseEvent event(Sse sse, Message message) {
        return switch (message) {
            case Message.Event(String name, String json) ->
                sse.newEventBuilder()
                        .name(name)
                        .mediaType(MediaType.APPLICATION_JSON_TYPE)
                        .data(String.class, json)
                        .build();
            case Message.Heartbeat() ->
                sse.newEventBuilder().comment("heartbeat").build();
        };
    }
}
