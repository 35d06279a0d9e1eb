package io.sluice.web;

import io.sluice.gateway.MountFilter;
import io.sluice.http.BodySize;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * A filter that takes the media type off requests to Sluice's own API that have no body. Some clients send that of a
 * form, which must not have a pause refused whose body may be left out.
 */
public class EmptyBodyFilter {
    /** Runs after the filter that finds mounts. */
    @ServerRequestFilter(preMatching = true)
    @Priority(Priorities.USER + 1000)
    public void takeOff(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (MountFilter.mounted(routing) == null && BodySize.stated(request) == 0) {
            request.headers().remove(HttpHeaders.CONTENT_TYPE);
        }
    }
}
