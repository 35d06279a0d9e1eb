package io.sluice.gateway;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.budget.Budget;
import io.sluice.budget.Flow;
import io.sluice.budget.Ticker;
import io.sluice.call.Account;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.gateway.Mounts.Mounted;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.sluice.vendor.Refusal.Code;
import io.sluice.vendor.Route;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
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
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Every mount: takes a call as the vendor would, and answers as the vendor does. */
@Path(MountFilter.INSIDE)
@Authenticated
@Consumes(MediaType.WILDCARD)
public class MountResource {
    private final Gateway gateway;
    private final Budget budget;
    private final Ticker ticker;
    private final GatewayConfig config;
    private final RequestBodies bodies;
    private final RequestIds ids;
    private final SecurityIdentity caller;

    MountResource(
            Gateway gateway,
            Budget budget,
            Ticker ticker,
            GatewayConfig config,
            RequestBodies bodies,
            RequestIds ids,
            SecurityIdentity caller) {
        this.gateway = gateway;
        this.budget = budget;
        this.ticker = ticker;
        this.config = config;
        this.bodies = bodies;
        this.ids = ids;
        this.caller = caller;
    }

    @GET
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response get(@Context RoutingContext routing) throws InterruptedException, IOException {
        return exchange(routing, InputStream.nullInputStream());
    }

    @HEAD
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response head(@Context RoutingContext routing) throws InterruptedException, IOException {
        return exchange(routing, InputStream.nullInputStream());
    }

    @OPTIONS
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response options(@Context RoutingContext routing) throws InterruptedException, IOException {
        return exchange(routing, InputStream.nullInputStream());
    }

    @POST
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response post(@Context RoutingContext routing, InputStream body) throws InterruptedException, IOException {
        return exchange(routing, body);
    }

    @PUT
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response put(@Context RoutingContext routing, InputStream body) throws InterruptedException, IOException {
        return exchange(routing, body);
    }

    @PATCH
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response patch(@Context RoutingContext routing, InputStream body) throws InterruptedException, IOException {
        return exchange(routing, body);
    }

    @DELETE
    @Operation(hidden = true)
    @RunOnVirtualThread
    public Response delete(@Context RoutingContext routing, InputStream body) throws InterruptedException, IOException {
        return exchange(routing, body);
    }

    private Response exchange(RoutingContext routing, InputStream stream) throws InterruptedException, IOException {
        Mounted mounted = MountFilter.mounted(routing);
        if (mounted == null) {
            throw new NotFoundException();
        }
        HttpServerRequest request = routing.request();
        Team team = TeamIdentities.teamOf(caller);
        Account account = mounted.surface().account(mounted.account()).orElse(null);
        if (account == null) {
            return Refusals.of(
                    mounted,
                    404,
                    Code.BAD_REQUEST,
                    "Sluice: " + mounted.surface().mount() + " has no account " + mounted.account() + "; there are "
                            + mounted.surface().accounts().keySet().stream()
                                    .sorted()
                                    .toList(),
                    ids.of(routing));
        }
        String method = request.method().name();
        Route.Match match = mounted.surface().match(method, mounted.target());
        boolean reads = match.operation().effect() == io.sluice.call.Operation.Effect.READ;
        if (!team.may(account.vendor(), match.operation().name(), reads)) {
            return Refusals.of(
                    mounted,
                    403,
                    Code.FORBIDDEN,
                    "Sluice: team " + team.name() + " may not call " + account.vendor() + ":"
                            + match.operation().name(),
                    ids.of(routing));
        }
        long deadline = ticker.read()
                + Preferences.patience(request.headers(), config.waiting()).toNanos();
        try (RequestBodies.Held held = bodies.read(request, stream)) {
            Call call = new Call.Builder(
                            account,
                            match.operation(),
                            mounted.surface().dialect(),
                            method,
                            mounted.target(),
                            match.variables(),
                            headers(request, match),
                            held.body(),
                            new Flow(team.name(), team.weight(), team.maxQueued()),
                            Preferences.priority(request.headers()),
                            deadline)
                    .named(ids.of(routing));
            routing.addEndHandler(end -> {
                if (end.failed()) {
                    call.abandon();
                }
            });
            return answer(routing, mounted, match, call);
        }
    }

    private Response answer(RoutingContext routing, Mounted mounted, Route.Match match, Call call)
            throws InterruptedException {
        Response response;
        try {
            response = switch (gateway.send(call, match.api())) {
                case Gateway.Result.Answered(Response answer, boolean unknown) ->
                    unknown(VendorAnswers.passOn(answer, mounted, match, base(routing, mounted), routing), unknown);
                case Gateway.Result.Shed(var reason, var retryAfter) ->
                    Refusals.shed(mounted, reason, retryAfter, ids.of(routing));
                case Gateway.Result.Failed(var cause, boolean unknown) ->
                    unknown(Refusals.failed(mounted, cause, ids.of(routing)), unknown);
            };
        } catch (CallAbandonedException e) {
            // Nobody reads this; 499 is what proxies log for it.
            return Response.status(499).build();
        }
        CallHeaders.describe(response.getHeaders(), call, budget);
        return response;
    }

    private static Response unknown(Response response, boolean unknown) {
        if (unknown) {
            response.getHeaders().putSingle("Sluice-Outcome", "unknown");
        }
        return response;
    }

    private static MultivaluedMap<String, String> headers(HttpServerRequest request, Route.Match match) {
        MultivaluedMap<String, String> headers = PassedHeaders.toVendor(request.headers());
        if (match.link().isPresent()) {
            // A link can be rewritten only in a body that we can read.
            headers.putSingle("Accept-Encoding", "identity");
        }
        return headers;
    }

    /** Where the caller reached the mount: what links of the vendor to itself must begin with. */
    private static String base(RoutingContext routing, Mounted mounted) {
        HttpServerRequest request = routing.request();
        return request.scheme() + "://" + request.authority() + mounted.prefix();
    }
}
