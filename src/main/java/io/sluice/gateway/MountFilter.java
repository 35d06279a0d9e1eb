package io.sluice.gateway;

import io.sluice.budget.Ticker;
import io.sluice.call.AccessLog;
import io.sluice.call.SluiceHeaders;
import io.sluice.call.Target;
import io.sluice.call.failure.IllegalTargetException;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.http.BodySize;
import io.sluice.http.RequestIds;
import io.sluice.http.SentTarget;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * The filter that finds the mount of each request before any other filter uses its path, and routes it to
 * {@link MountResource}. It uses the path as it was sent ({@link MountRouter}): frameworks decode and normalise, after which
 * it may lead elsewhere than it says.
 */
public class MountFilter {
    /** The internal path of {@link MountResource}; requests from outside cannot reach it. */
    public static final String INSIDE = "/.mount";

    private static final String MOUNTED = "sluice.mounted";
    private static final String BODY = "sluice.body";

    private final Mounts mounts;
    private final RequestIds ids;
    private final BodySize size;
    private final AccessLog log;
    private final Ticker ticker;

    MountFilter(Mounts mounts, RequestIds ids, BodySize size, AccessLog log, Ticker ticker) {
        this.mounts = mounts;
        this.ids = ids;
        this.size = size;
        this.log = log;
        this.ticker = ticker;
    }

    /** Returns the mount that a request is sent to, or null if it is sent to Sluice's own API. */
    public static @Nullable MountMatch mounted(RoutingContext request) {
        return request.get(MOUNTED);
    }

    /** Opens the body of a request that is sent to a mount. Most have none, for which there is nothing to prepare. */
    static Supplier<InputStream> body(RoutingContext request) {
        return Objects.requireNonNull(request.get(BODY), "the request has no mount");
    }

    @ServerRequestFilter(preMatching = true)
    public Optional<Response> find(ContainerRequestContext request, RoutingContext routing) {
        HttpServerRequest http = routing.request();
        String id = ids.of(routing);
        LoggedRequest.begin(routing, log, ticker, id);
        SentTarget sent = MountRouter.sent(routing);
        if (sent.target() == null) {
            MountMatch nearest = nearest(http, sent.path());
            if (nearest != null) {
                LoggedRequest.of(routing).ifPresent(logged -> logged.goesTo(nearest));
            }
            throw new AmbiguousPathException(sent.flaw(), nearest);
        }
        Optional<MountMatch> mounted = mounts.find(MountRouter.host(http), sent.target());
        if (mounted.isEmpty() && !sent.uri()) {
            throw new AmbiguousPathException("the target has a character that must be percent-encoded in a URI", null);
        }
        mounted.ifPresent(place -> {
            routing.put(MOUNTED, place);
            LoggedRequest.of(routing).ifPresent(logged -> logged.goesTo(place));
            Supplier<InputStream> body = request::getEntityStream;
            routing.put(BODY, body);
            request.setRequestUri(URI.create(INSIDE));
        });
        routing.response().putHeader(SluiceHeaders.REQUEST_ID, id);
        MDC.put("request_id", id);
        size.check(http, mounted.isPresent());
        return Optional.empty();
    }

    /** The mount that an ambiguous path seems to mean, for the form of the refusal and the access log only. */
    private @Nullable MountMatch nearest(HttpServerRequest http, String path) {
        String host = MountRouter.host(http);
        List<String> segments = List.of(path.split("/+", 4));
        return IntStream.of(3, 2, 1)
                .filter(end -> end <= segments.size())
                .mapToObj(end -> "/" + String.join("/", segments.subList(1, end)))
                .flatMap(start -> mountAt(host, start).stream())
                .findFirst()
                .orElse(null);
    }

    private Optional<MountMatch> mountAt(@Nullable String host, String path) {
        try {
            return mounts.find(host, Target.parse(path));
        } catch (IllegalTargetException e) {
            return Optional.empty();
        }
    }
}
