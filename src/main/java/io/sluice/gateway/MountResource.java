package io.sluice.gateway;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.gateway.MountAdmission.Admission;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.http.BodySize;
import io.sluice.http.RequestBodies;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.team.TeamIdentities;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** The HTTP resource of every mount: takes a call as the vendor would, and responds as the vendor does. */
@Path(MountFilter.INSIDE)
@Authenticated
@Consumes(MediaType.WILDCARD)
public class MountResource {
    private final MountAdmission admission;
    private final CallChain chain;
    private final ResponseForwarder responses;
    private final GatewayConfig config;
    private final SecurityIdentity caller;

    MountResource(
            MountAdmission admission,
            CallChain chain,
            ResponseForwarder responses,
            GatewayConfig config,
            SecurityIdentity caller) {
        this.admission = admission;
        this.chain = chain;
        this.responses = responses;
        this.config = config;
        this.caller = caller;
    }

    @GET
    @RunOnVirtualThread
    public Response get(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    @HEAD
    @RunOnVirtualThread
    public Response head(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    @OPTIONS
    @RunOnVirtualThread
    public Response options(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    @POST
    @RunOnVirtualThread
    public Response post(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    @PUT
    @RunOnVirtualThread
    public Response put(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    @PATCH
    @RunOnVirtualThread
    public Response patch(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    @DELETE
    @RunOnVirtualThread
    public Response delete(@Context RoutingContext routing) throws InterruptedException {
        return exchange(routing);
    }

    private Response exchange(RoutingContext routing) throws InterruptedException {
        MountMatch mounted = MountFilter.mounted(routing);
        if (mounted == null) {
            throw new NotFoundException();
        }
        Optional<LoggedRequest> logged = LoggedRequest.of(routing);
        logged.ifPresent(LoggedRequest::enter);
        try {
            return switch (admission.admit(routing, mounted, TeamIdentities.teamOf(caller))) {
                case Admission.Refused(GatewayError error) -> ErrorResponses.render(mounted, error);
                case Admission.Admitted(MountCall call, RequestBodies.BodyReservation body) ->
                    responses.render(reply(call, body, routing), call, routing);
            };
        } finally {
            logged.ifPresent(LoggedRequest::leave);
        }
    }

    private Reply reply(MountCall call, RequestBodies.BodyReservation body, RoutingContext routing)
            throws InterruptedException {
        try (body) {
            Reply reply = chain.handle(call);
            if (reply instanceof Reply.Served served) {
                LoggedRequest.of(routing).ifPresent(line -> line.served(served));
            }
            return body.tooLarge().getAsBoolean()
                    ? call.refused(
                            413,
                            Code.TOO_LARGE,
                            BodySize.tooLarge(config.bodies().max()))
                    : reply;
        }
    }
}
