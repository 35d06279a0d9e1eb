package io.sluice.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.quarkus.vertx.http.runtime.security.SecurityHandlerPriorities;
import io.sluice.call.SluiceHeaders;
import io.sluice.gateway.Denials;
import io.sluice.http.RequestIds;
import io.sluice.problem.Problem;
import io.sluice.problem.Problem.Kind;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Access control of what the framework serves under {@code /q} on the main port, the OpenAPI document and its UI: unless the
 * configuration opens them, only requests with a team's key pass. No resource of ours stands there, so no annotation can
 * say so. Hosts that stand for mounts never lead there.
 */
@Singleton
public class ApiDocumentAccess {
    private static final String FRAMEWORK = "/q";
    /** Behind authentication, which comes first, and ahead of all routes. */
    private static final int PRIORITY = SecurityHandlerPriorities.AUTHORIZATION + 1;

    private final boolean open;
    /** Made on first use: routes are set up before metrics are. */
    private final Instance<Denials> denials;

    private final RequestIds ids;
    private final ObjectMapper json;

    ApiDocumentAccess(ApiDocumentConfig config, Instance<Denials> denials, RequestIds ids, ObjectMapper json) {
        this.open = config.open();
        this.denials = denials;
        this.ids = ids;
        this.json = json;
    }

    void register(@Observes Filters filters) {
        if (!open) {
            filters.register(this::check, PRIORITY);
        }
    }

    private void check(RoutingContext routing) {
        // The framework routes by this path, so an escaped letter in it hides nothing.
        String path = routing.normalizedPath();
        if (!path.equals(FRAMEWORK) && !path.startsWith(FRAMEWORK + "/")) {
            routing.next();
            return;
        }
        // The default handler answers a wrong key with an empty body.
        routing.remove(QuarkusHttpUser.AUTH_FAILURE_HANDLER);
        QuarkusHttpUser.getSecurityIdentity(routing, null)
                .subscribe()
                .with(identity -> decide(routing, identity), failure -> fail(routing, failure));
    }

    private void decide(RoutingContext routing, @Nullable SecurityIdentity identity) {
        if (identity == null || identity.isAnonymous()) {
            deny(routing);
        } else {
            routing.next();
        }
    }

    private void fail(RoutingContext routing, Throwable failure) {
        if (failure instanceof AuthenticationFailedException) {
            deny(routing);
        } else {
            routing.fail(failure);
        }
    }

    private void deny(RoutingContext routing) {
        denials.get().denied(routing, Denials.Reason.UNAUTHENTICATED);
        String id = ids.of(routing);
        HttpServerResponse response = routing.response()
                .setStatusCode(Kind.UNAUTHENTICATED.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("WWW-Authenticate", Problems.CHALLENGE)
                .putHeader(SluiceHeaders.REQUEST_ID, id);
        try {
            response.end(json.writeValueAsString(Kind.UNAUTHENTICATED.with(Problems.KEY_NEEDED, id)));
        } catch (JsonProcessingException e) {
            routing.fail(e);
        }
    }
}
