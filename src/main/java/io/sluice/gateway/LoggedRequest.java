package io.sluice.gateway;

import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.sluice.budget.Ticker;
import io.sluice.cache.CacheStatus;
import io.sluice.call.AccessLine;
import io.sluice.call.AccessLog;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.http.ClientConnection;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.team.TeamIdentities;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request whose access log line is being gathered. The line is written once: when the response has ended or the
 * caller has left, and the work done for it has ended too. Thread-safe.
 */
public final class LoggedRequest {
    private static final String KEY = "sluice.logged";
    /** The key under which Quarkus puts the template of the resource that a request matches. */
    private static final String TEMPLATE = "UrlPathTemplate";

    private static final String DENIED = "denied";

    private final RoutingContext routing;
    private final AccessLog log;
    private final Ticker ticker;
    private final String id;
    private final long began;

    private int open = 1; // guarded by this; the response, and the work that is done for the request
    private boolean answerOver; // guarded by this
    private boolean disconnected; // guarded by this
    private @Nullable MountMatch mounted; // guarded by this
    private Route.@Nullable Match match; // guarded by this
    private @Nullable MountCall call; // guarded by this
    private @Nullable Call made; // guarded by this; in place of the call's own
    private @Nullable CacheStatus cache; // guarded by this
    private @Nullable String outcome; // guarded by this

    private LoggedRequest(RoutingContext routing, AccessLog log, Ticker ticker, String id) {
        this.routing = routing;
        this.log = log;
        this.ticker = ticker;
        this.id = id;
        this.began = ticker.read();
    }

    /** Begins to gather a request's line. */
    static void begin(RoutingContext routing, AccessLog log, Ticker ticker, String id) {
        if (!log.isOn()) {
            return;
        }
        LoggedRequest logged = new LoggedRequest(routing, log, ticker, id);
        routing.put(KEY, logged);
        routing.addEndHandler(end -> logged.answerOver(end.failed()));
        ClientConnection.watch(routing, () -> logged.answerOver(true));
    }

    /** Returns the request's line, if it will have one. */
    public static Optional<LoggedRequest> of(RoutingContext routing) {
        return Optional.ofNullable(routing.get(KEY));
    }

    /** Records the mount that the request is sent to. */
    synchronized void goesTo(MountMatch place) {
        mounted = place;
    }

    /** Records the operation that the request asks for. */
    synchronized void asksFor(Route.Match route) {
        match = route;
    }

    /** Records the beginning of work for the request, which goes on if its caller leaves. */
    synchronized void enter() {
        open++;
    }

    /** Records the end of that work. */
    void leave() {
        ended();
    }

    /** Records the call that is made for the request. */
    synchronized void makes(MountCall admitted) {
        call = admitted;
    }

    /** Records how the request is served. */
    synchronized void served(Reply.Served served) {
        made = served.made();
        cache = served.status();
    }

    /** Records that the request is denied. */
    synchronized void denied() {
        outcome = DENIED;
    }

    /** Records that the vendor aborts its response. */
    synchronized void brokenOff() {
        outcome = CallMeters.Outcome.CONNECTION_LOST.tag();
    }

    private void answerOver(boolean failed) {
        synchronized (this) {
            if (answerOver) {
                return;
            }
            answerOver = true;
            // The framework may properly end a response whose caller has left.
            disconnected = failed || routing.response().closed();
        }
        ended();
    }

    private void ended() {
        AccessLine line;
        synchronized (this) {
            if (--open > 0) {
                return;
            }
            line = line();
        }
        log.write(line);
    }

    /** Builds the line. Called with the lock held. */
    private AccessLine line() {
        Surface surface = mounted == null ? null : mounted.surface();
        Route.Match route = surface == null || match != null ? match : matchOf(surface);
        int status = status();
        Call vendorCall = vendorCall();
        return new AccessLine(
                id,
                team(),
                surface == null ? null : surface.vendor(),
                account(),
                route == null ? null : route.operation().name(),
                routing.request().method().name(),
                surface != null && route != null ? surface.path(route) : ownTemplate(),
                status,
                outcome(vendorCall, status),
                vendorCall == null ? 0 : vendorCall.attempts().count(),
                vendorCall == null
                        ? 0
                        : AccessLine.milliseconds(vendorCall.times().queued().toNanos()),
                vendorCall == null
                        ? 0
                        : AccessLine.milliseconds(vendorCall.times().vendor().toNanos()),
                AccessLine.milliseconds(ticker.read() - began),
                cache == null ? null : cache.result().tag());
    }

    /** The template of our own resource; none for a refused path that seems to mean no mount. */
    private @Nullable String ownTemplate() {
        String template =
                ((HttpServerRequestInternal) routing.request()).context().getLocal(TEMPLATE);
        return MountFilter.INSIDE.equals(template) ? null : template;
    }

    private Route.Match matchOf(Surface surface) {
        return surface.match(
                routing.request().method().name(),
                Objects.requireNonNull(mounted).target());
    }

    /** The account, if it is a configured one: a path may name any. */
    private @Nullable String account() {
        return mounted == null || mounted.surface().account(mounted.account()).isEmpty() ? null : mounted.account();
    }

    private @Nullable String team() {
        return routing.user() instanceof QuarkusHttpUser user
                        && !user.getSecurityIdentity().isAnonymous()
                ? TeamIdentities.teamOf(user.getSecurityIdentity()).name()
                : null;
    }

    private int status() {
        return disconnected && !routing.response().headWritten()
                ? ResponseForwarder.CLIENT_CLOSED_REQUEST
                : routing.response().getStatusCode();
    }

    /** The call at the vendor, if one was made: for the reply, or for a caller that got none. */
    private @Nullable Call vendorCall() {
        return made != null || call == null ? made : call.made().orElse(null);
    }

    private String outcome(@Nullable Call vendorCall, int status) {
        if (outcome != null) {
            return outcome;
        }
        if (disconnected) {
            return CallMeters.Outcome.CANCELLED.tag();
        }
        return Optional.ofNullable(vendorCall)
                .flatMap(Call::outcome)
                .orElseGet(() -> switch (status) {
                    case ResponseForwarder.CLIENT_CLOSED_REQUEST -> CallMeters.Outcome.CANCELLED;
                    case 429 -> CallMeters.Outcome.SHED;
                    default -> CallMeters.Outcome.of(status);
                })
                .tag();
    }
}
