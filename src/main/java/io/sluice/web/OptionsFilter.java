package io.sluice.web;

import io.sluice.gateway.MountFilter;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.SortedSet;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** A filter that answers OPTIONS on Sluice's own API with the methods of the path. On a mount the vendor answers. */
public class OptionsFilter {
    private final ApiMethods methods;

    OptionsFilter(ApiMethods methods) {
        this.methods = methods;
    }

    /** Runs after the filter that finds mounts. */
    @ServerRequestFilter(preMatching = true)
    @Priority(Priorities.USER + 1000)
    public Optional<Response> answer(ContainerRequestContext request, RoutingContext routing) {
        if (!request.getMethod().equals("OPTIONS") || MountFilter.mounted(routing) != null) {
            return Optional.empty();
        }
        SortedSet<String> allowed = methods.of(routing.normalizedPath());
        if (allowed.isEmpty()) {
            throw new NotFoundException();
        }
        return Optional.of(Response.noContent().allow(allowed).build());
    }
}
