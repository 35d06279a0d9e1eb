package io.sluice.gateway;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.sluice.http.SentTarget;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of every request, ahead of the framework's router. That one routes by the normalised path and knows no
 * hosts, so it would serve what it has itself, such as the API document, at {@code /clerk/../q/openapi} and on hosts that
 * stand for a mount. Requests with an unclear path, those to such hosts, and those whose target is no URI, which the
 * framework could only refuse without a word, go to {@link MountFilter} instead.
 */
@Singleton
public class MountRouter {
    private static final String SENT = "sluice.sent";

    /** Above the framework's own filters, of which CORS is the first with 300, and all routes. */
    private static final int BEFORE_ALL = 1_000;

    private final Set<String> hosts;

    /** Takes the hosts from the configuration: mounts are made, and checked, after the framework's router. */
    MountRouter(GatewayConfig config) {
        hosts = config.hosts().keySet().stream()
                .map(host -> host.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The target of a request, as it was sent. */
    static SentTarget sent(RoutingContext routing) {
        return Objects.requireNonNull(routing.get(SENT), "the request has not passed the router of mounts");
    }

    /** The host that the caller names, which HTTP/2 does not put into a header; null if it names none. */
    static @Nullable String host(HttpServerRequest http) {
        return http.authority() == null ? null : http.authority().host();
    }

    void register(@Observes Filters filters) {
        filters.register(this::route, BEFORE_ALL);
    }

    private void route(RoutingContext routing) {
        if (routing.get(SENT) != null) {
            // Its second time here, by the new path.
            routing.next();
            return;
        }
        SentTarget sent = SentTarget.of(routing.request());
        routing.put(SENT, sent);
        if (sent.target() == null || !sent.uri() || isMountHost(host(routing.request()))) {
            routing.reroute(MountFilter.INSIDE);
        } else {
            routing.next();
        }
    }

    private boolean isMountHost(@Nullable String host) {
        return host != null && !hosts.isEmpty() && hosts.contains(host.toLowerCase(Locale.ROOT));
    }
}
