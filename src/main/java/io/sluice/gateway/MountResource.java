package io.sluice.gateway;

import io.quarkus.security.Authenticated;
import io.quarkus.security.identity.SecurityIdentity;
import io.sluice.budget.Budget;
import io.sluice.budget.Ticker;
import io.sluice.cache.CacheDirectives;
import io.sluice.cache.ServedResult;
import io.sluice.call.Account;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.CredentialStates;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.team.Team;
import io.sluice.team.TeamIdentities;
import io.sluice.vendor.GatewayError.Code;
import io.sluice.vendor.Route;
import io.sluice.vendor.Surface;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.ClientErrorException;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The HTTP resource of every mount: takes a call as the vendor would, and responds as the vendor does. */
@Path(MountFilter.INSIDE)
@Authenticated
@Consumes(MediaType.WILDCARD)
public class MountResource {
    /** The status that proxies such as nginx log for a caller that has left; it is never received. */
    static final int CLIENT_CLOSED_REQUEST = 499;

    private final CallChain chain;
    private final Budget budget;
    private final Ticker ticker;
    private final GatewayConfig config;
    private final RequestBodies bodies;
    private final RequestIds ids;
    private final RespondAsync respondAsync;
    private final IdempotencyFilter idempotency;
    private final Denials denials;
    private final SecurityIdentity caller;

    MountResource(
            CallChain chain,
            Budget budget,
            Ticker ticker,
            GatewayConfig config,
            RequestBodies bodies,
            RequestIds ids,
            RespondAsync respondAsync,
            IdempotencyFilter idempotency,
            Denials denials,
            SecurityIdentity caller) {
        this.chain = chain;
        this.budget = budget;
        this.ticker = ticker;
        this.config = config;
        this.bodies = bodies;
        this.ids = ids;
        this.respondAsync = respondAsync;
        this.idempotency = idempotency;
        this.denials = denials;
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
        Optional<LoggedRequest> logged = LoggedRequest.of(routing);
        logged.ifPresent(LoggedRequest::enter);
        try {
            return take(routing);
        } finally {
            logged.ifPresent(LoggedRequest::leave);
        }
    }

    private Response take(RoutingContext routing) throws InterruptedException {
        MountMatch mounted = MountFilter.mounted(routing);
        if (mounted == null) {
            throw new NotFoundException();
        }
        Surface surface = mounted.surface();
        Account account = surface.account(mounted.account()).orElse(null);
        if (account == null) {
            return refused(routing, mounted, 404, Code.NOT_FOUND, noAccount(mounted));
        }
        Team team = TeamIdentities.teamOf(caller);
        HttpServerRequest request = routing.request();
        Route.Match match = surface.match(request.method().name(), mounted.target());
        LoggedRequest.of(routing).ifPresent(logged -> logged.asksFor(match));
        Operation operation = match.operation();
        if (!team.may(account.vendor(), operation.name(), operation.effect() == Operation.Effect.READ)) {
            String what = "team " + team.name() + " may not call " + account.vendor() + ":" + operation.name();
            denials.denied(routing, Denials.Reason.FORBIDDEN);
            return refused(routing, mounted, 403, Code.FORBIDDEN, what);
        }
        long deadline = ticker.read()
                + RequestPreferences.maxWait(request.headers(), config.permitWait())
                        .toNanos();
        CompletableFuture<Void> disconnected = ClientConnection.disconnected(routing);
        try (RequestBodies.BodyReservation reservation = reservation(routing, operation)) {
            IdempotencyFilter.IncomingCall incoming = new IdempotencyFilter.IncomingCall(
                    mounted, operation, team, request, disconnected, reservation.body(), ids.of(routing));
            return idempotency.filter(incoming, () -> {
                Optional<Response> accepted =
                        respondAsync.accept(mounted, operation, team, request, reservation.body(), ids.of(routing));
                return accepted.isPresent()
                        ? accepted.get()
                        : called(
                                routing,
                                mounted,
                                match,
                                team,
                                deadline,
                                reservation,
                                disconnected,
                                idempotency.records(incoming));
            });
        }
    }

    private Response called(
            RoutingContext routing,
            MountMatch mounted,
            Route.Match match,
            Team team,
            long deadline,
            RequestBodies.BodyReservation reservation,
            CompletableFuture<Void> disconnected,
            boolean recorded)
            throws InterruptedException {
        HttpServerRequest request = routing.request();
        Call call = new Call.Builder(
                        mounted.surface().account(mounted.account()).orElseThrow(),
                        match.operation(),
                        mounted.surface().dialect(),
                        request.method().name(),
                        mounted.target(),
                        match.variables(),
                        headers(request, recorded || match.link().isPresent()),
                        reservation.body(),
                        ConfiguredTeamShares.of(team),
                        RequestPreferences.priority(request.headers()),
                        deadline)
                .named(ids.of(routing), mounted.surface().path(match));
        LoggedRequest.of(routing).ifPresent(logged -> logged.makes(call));
        CompletableFuture<Void> _ = disconnected.thenRun(() -> onDisconnect(call, recorded));
        Response answer = answer(
                routing, mounted, match, call, RequestPreferences.cacheDirectives(request.headers(), team.stale()));
        return reservation.tooLarge().getAsBoolean()
                ? refused(
                        routing,
                        mounted,
                        413,
                        Code.TOO_LARGE,
                        BodySize.tooLarge(config.bodies().max()))
                : answer;
    }

    /** A recorded response is read to its end once the vendor is asked, for callers that repeat the request. */
    private static void onDisconnect(Call call, boolean recorded) {
        if (!recorded || call.attempts() == 0) {
            call.abandon();
        }
    }

    private RequestBodies.BodyReservation reservation(RoutingContext routing, Operation operation) {
        try {
            return bodies.read(routing.request(), MountFilter.body(routing), operation.nonRepeatable());
        } catch (IOException e) {
            throw new ClientErrorException("the body was aborted", CLIENT_CLOSED_REQUEST, e);
        }
    }

    private Response refused(RoutingContext routing, MountMatch mounted, int status, Code code, String why) {
        return ErrorResponses.of(mounted, status, code, "Sluice: " + why, ids.of(routing));
    }

    private static String noAccount(MountMatch mounted) {
        Surface surface = mounted.surface();
        return surface.mount() + " has no account " + mounted.account() + "; there are "
                + surface.accounts().keySet().stream().sorted().toList();
    }

    private Response answer(
            RoutingContext routing, MountMatch mounted, Route.Match match, Call call, CacheDirectives directives)
            throws InterruptedException {
        ServedResult served;
        try {
            served = chain.make(call, match, directives);
        } catch (CallAbandonedException e) {
            return Response.status(CLIENT_CLOSED_REQUEST).build();
        }
        LoggedRequest.of(routing).ifPresent(logged -> logged.served(served));
        Response response = switch (served.result()) {
            case Result.Answered(VendorResponse answer, boolean unknown) -> {
                boolean refused = CredentialStates.isRefusal(served.made(), answer);
                Response passed = ResponseForwarder.forward(
                        answer, mounted, match, base(routing, mounted), served.made(), routing);
                if (refused) {
                    passed.getHeaders().putSingle(OutcomeHeader.NAME, OutcomeHeader.CREDENTIAL_REFUSED);
                }
                yield unknown(passed, unknown);
            }
            case Result.Shed shed -> ErrorResponses.shed(mounted, shed, ids.of(routing));
            case Result.Failed failed ->
                unknown(ErrorResponses.failed(mounted, failed, served.made(), ids.of(routing)), failed.unknown());
        };
        CallHeaders.describe(response.getHeaders(), served, budget);
        return response;
    }

    private static Response unknown(Response response, boolean unknown) {
        if (unknown) {
            response.getHeaders().putSingle(OutcomeHeader.NAME, OutcomeHeader.UNKNOWN);
        }
        return response;
    }

    /** @param readable whether we read the response's body too */
    private static MultivaluedMap<String, String> headers(HttpServerRequest request, boolean readable) {
        MultivaluedMap<String, String> headers = HeaderFilter.toVendor(request.headers());
        if (readable) {
            headers.putSingle("Accept-Encoding", "identity");
        }
        return headers;
    }

    /** The URL at which the caller reached the mount: links of the vendor to itself must begin with it. */
    private static String base(RoutingContext routing, MountMatch mounted) {
        HttpServerRequest request = routing.request();
        return request.authority() == null
                ? mounted.prefix()
                : request.scheme() + "://" + request.authority() + mounted.prefix();
    }
}
