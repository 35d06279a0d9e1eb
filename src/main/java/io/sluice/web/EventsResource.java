package io.sluice.web;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.gateway.CallersConnection;
import io.sluice.team.TeamIdentities;
import io.sluice.web.EventStream.Message;
import io.sluice.web.Problem.Kind;
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
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The event stream: all that a team watches, over one connection. */
@Path("/api/events")
@Authenticated
@Singleton
@Tag(name = "Events")
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
    @Operation(summary = "Watch all that changes")
    public Multi<OutboundSseEvent> events(
            @QueryParam("topics") List<String> topics,
            @QueryParam("team") @Nullable String team,
            @Context Sse sse,
            @Context RoutingContext routing) {
        Set<String> names = parse(topics);
        EventStreams.Client client = new EventStreams.Client(
                TeamIdentities.teamOf(caller).name(),
                ExportsResource.visibleTeam(caller, team),
                names,
                () -> CallersConnection.breakOff(routing.request()));
        // A proxy that collects an answer before it passes it on would hold events back; nginx heeds the second header.
        routing.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store").putHeader("X-Accel-Buffering", "no");
        Multi<Message> messages = Multi.createFrom().publisher(streams.open(client));
        return messages.map(message -> event(sse, message));
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
            case Message.Heartbeat() -> sse.newEventBuilder().comment("heartbeat").build();
        };
    }
}
