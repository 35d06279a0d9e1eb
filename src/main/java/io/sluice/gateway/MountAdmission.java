package io.sluice.gateway;

import io.sluice.budget.Ticker;
import io.sluice.cache.CacheDirectives;
import io.sluice.call.Account;
import io.sluice.call.Body;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.TeamShares;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.http.ClientConnection;
import io.sluice.http.HeaderFilter;
import io.sluice.http.RequestBodies;
import io.sluice.http.RequestBodies.BodyReservation;
import io.sluice.http.RequestIds;
import io.sluice.http.RequestPreferences;
import io.sluice.problem.GatewayError;
import io.sluice.problem.GatewayError.Code;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.team.Team;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The admission of requests on mounts: finds the account and operation, checks the team's permission, and reads the
 * body.
 */
@Singleton
class MountAdmission {
    private static final String RETRY_COUNT = "X-Retry-Count";

    private final Ticker ticker;
    private final GatewayConfig config;
    private final RequestBodies bodies;
    private final RequestIds ids;
    private final TeamShares shares;
    private final Denials denials;

    MountAdmission(
            Ticker ticker,
            GatewayConfig config,
            RequestBodies bodies,
            RequestIds ids,
            TeamShares shares,
            Denials denials) {
        this.ticker = ticker;
        this.config = config;
        this.bodies = bodies;
        this.ids = ids;
        this.shares = shares;
        this.denials = denials;
    }

    /** The result of asking for admission. */
    sealed interface Admission {
        /** The request becomes a call; its body keeps its memory until it is closed. */
        record Admitted(MountCall call, BodyReservation body) implements Admission {}

        record Refused(GatewayError error) implements Admission {}
    }

    /** Admits a request, or refuses it; waits for the caller to send the body, unless it streams. */
    Admission admit(RoutingContext routing, MountMatch mounted, Team team) {
        Surface surface = mounted.surface();
        String id = ids.of(routing);
        Account account = surface.account(mounted.account()).orElse(null);
        if (account == null) {
            return new Admission.Refused(GatewayError.of(404, Code.NOT_FOUND, noAccount(mounted), id));
        }
        HttpServerRequest request = routing.request();
        Route.Match match = surface.match(request.method().name(), mounted.target());
        LoggedRequest.of(routing).ifPresent(logged -> logged.asksFor(match));
        Operation operation = match.operation();
        if (!team.may(account.vendor(), operation.name(), operation.effect() == Operation.Effect.READ)) {
            denials.denied(routing, Denials.Reason.FORBIDDEN);
            String what = "team " + team.name() + " may not call " + account.vendor() + ":" + operation.name();
            return new Admission.Refused(GatewayError.of(403, Code.FORBIDDEN, what, id));
        }
        long deadline = ticker.read()
                + RequestPreferences.maxWait(request.headers(), config.permitWait())
                        .toNanos();
        BodyReservation body = body(routing, operation);
        String key = request.getHeader(IdempotencyFilter.KEY);
        CallRequest call = new CallRequest(
                id,
                account,
                operation,
                surface.dialect(),
                request.method().name(),
                mounted.target(),
                match.variables(),
                headers(request, match, key, body.body()),
                body.body(),
                shares.of(team.name()),
                RequestPreferences.priority(request.headers()),
                deadline,
                surface.path(match));
        MountCall admitted = new MountCall(
                mounted,
                match,
                team,
                call,
                preferences(request, team, key),
                () -> ClientConnection.disconnected(routing));
        LoggedRequest.of(routing).ifPresent(logged -> logged.makes(admitted));
        return new Admission.Admitted(admitted, body);
    }

    private BodyReservation body(RoutingContext routing, Operation operation) {
        try {
            return bodies.read(routing.request(), MountFilter.body(routing), operation.nonRepeatable());
        } catch (IOException e) {
            throw new ClientErrorException("the body was aborted", ResponseForwarder.CLIENT_CLOSED_REQUEST, e);
        }
    }

    private static MultivaluedMap<String, String> headers(
            HttpServerRequest request, Route.Match match, @Nullable String key, Body body) {
        MultivaluedMap<String, String> headers = HeaderFilter.toVendor(request.headers());
        if (match.link() != null || MountCall.isRecorded(match.operation(), key, body)) {
            // The response's body is read here too.
            headers.putSingle("Accept-Encoding", "identity");
        }
        return headers;
    }

    private static MountCall.Preferences preferences(HttpServerRequest request, Team team, @Nullable String key) {
        String repetition = request.getHeader(RETRY_COUNT);
        return new MountCall.Preferences(
                CacheDirectives.of(request.headers()::getAll, team.stale()),
                key,
                repetition != null && !"0".equals(repetition),
                RequestPreferences.respondAsync(request.headers()));
    }

    private static String noAccount(MountMatch mounted) {
        Surface surface = mounted.surface();
        return surface.mount() + " has no account " + mounted.account() + "; there are "
                + surface.accounts().keySet().stream().sorted().toList();
    }
}
