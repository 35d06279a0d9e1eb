package io.sluice.web;

import io.sluice.ProcessConfig;
import io.sluice.http.RequestIds;
import io.sluice.problem.Problem;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** A filter that refuses requests to mounts and API in a process that is only a worker. */
public class FacadeFilter {
    private final boolean shut;
    private final RequestIds ids;

    FacadeFilter(ProcessConfig process, RequestIds ids) {
        this.shut = !process.roles().contains(ProcessConfig.Role.FACADE);
        this.ids = ids;
    }

    /** Runs before the filter that finds mounts. */
    @ServerRequestFilter(preMatching = true)
    @Priority(Priorities.USER - 1000)
    public Optional<Response> shut(RoutingContext routing) {
        return shut
                ? Optional.of(Problem.Kind.NOT_FOUND
                        .with("this process is a worker: it serves no mounts and no API", ids.of(routing))
                        .response())
                : Optional.empty();
    }
}
