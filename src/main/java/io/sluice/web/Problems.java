package io.sluice.web;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.sluice.call.SluiceHeaders;
import io.sluice.gateway.AmbiguousPathException;
import io.sluice.gateway.Denials;
import io.sluice.gateway.ErrorResponses;
import io.sluice.gateway.MountFilter;
import io.sluice.gateway.Mounts;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.http.RequestIds;
import io.sluice.problem.ApiException;
import io.sluice.problem.GatewayError.Code;
import io.sluice.problem.Problem;
import io.sluice.problem.Problem.Kind;
import io.sluice.store.StoreUnavailableException;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** The mapping of failures to responses: a problem on Sluice's own API, the vendor's form on a mount. */
public class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);

    static final String KEY_NEEDED = "a valid team key is needed, in Authorization, apikey or X-Api-Key";
    static final String CHALLENGE = "Bearer realm=\"sluice\"";

    private static final Duration STORE_AWAY = Duration.ofSeconds(5);

    private final RequestIds ids;
    private final Mounts mounts;
    private final Denials denials;
    private final ApiMethods methods;

    Problems(RequestIds ids, Mounts mounts, Denials denials, ApiMethods methods) {
        this.ids = ids;
        this.mounts = mounts;
        this.denials = denials;
        this.methods = methods;
    }

    @ServerExceptionMapper({UnauthorizedException.class, AuthenticationFailedException.class})
    public Response unauthenticated(RoutingContext routing) {
        denials.denied(routing, Denials.Reason.UNAUTHENTICATED);
        Response response = answer(routing, Kind.UNAUTHENTICATED, Code.UNAUTHENTICATED, KEY_NEEDED);
        response.getHeaders().putSingle("WWW-Authenticate", CHALLENGE);
        return response;
    }

    @ServerExceptionMapper
    public Response forbidden(ForbiddenException e, RoutingContext routing) {
        denials.denied(routing, Denials.Reason.FORBIDDEN);
        return answer(routing, Kind.FORBIDDEN, Code.FORBIDDEN, "this needs the key of an admin team");
    }

    @ServerExceptionMapper
    public Response unclearPath(AmbiguousPathException e, RoutingContext routing) {
        String requestId = ids.of(routing);
        routing.response().putHeader(SluiceHeaders.REQUEST_ID, requestId);
        return e.mounted()
                .map(mounted ->
                        ErrorResponses.of(mounted, 400, Code.BAD_REQUEST, "Sluice: " + e.getMessage(), requestId))
                .orElseGet(
                        () -> Kind.BAD_REQUEST.with(e.getMessage(), requestId).response());
    }

    @ServerExceptionMapper
    public Response notReadable(JsonProcessingException e, RoutingContext routing) {
        return malformed(e, routing);
    }

    /** The framework has a mapper for exactly this exception, whose response has no content. */
    @ServerExceptionMapper
    public Response notExpected(MismatchedInputException e, RoutingContext routing) {
        return malformed(e, routing);
    }

    @ServerExceptionMapper
    public Response violated(ConstraintViolationException e, RoutingContext routing) {
        String violations = e.getConstraintViolations().stream()
                .map(Problems::sentence)
                .sorted()
                .collect(Collectors.joining("; "));
        return Kind.INVALID.with(violations, ids.of(routing)).response();
    }

    @ServerExceptionMapper
    public Response invalid(ApiException e, RoutingContext routing) {
        if (e.kind() == Kind.FORBIDDEN) {
            denials.denied(routing, Denials.Reason.FORBIDDEN);
        }
        Response response = e.problem(ids.of(routing)).response();
        if (e.kind() == Kind.CREDENTIAL_REFUSED) {
            response.getHeaders().putSingle(SluiceHeaders.OUTCOME, SluiceHeaders.CREDENTIAL_REFUSED);
        }
        e.retryAfter()
                .ifPresent(wait -> response.getHeaders()
                        .putSingle(HttpHeaders.RETRY_AFTER, SluiceHeaders.retryAfterSeconds(wait)));
        return response;
    }

    @ServerExceptionMapper
    public Response storeAway(StoreUnavailableException e, RoutingContext routing) {
        LOG.debugf("request failed, database unavailable: request=%s: %s", ids.of(routing), e.getMessage());
        return invalid(
                new ApiException(Kind.UNAVAILABLE, "the database is not available; nothing was lost", STORE_AWAY),
                routing);
    }

    @ServerExceptionMapper
    public Response refused(WebApplicationException e, RoutingContext routing) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return malformed(json, routing);
        }
        int status = e.getResponse().getStatus();
        return switch (status) {
            case 400 -> answer(routing, Kind.BAD_REQUEST, Code.BAD_REQUEST, e.getMessage());
            case 404 -> answer(routing, Kind.NOT_FOUND, Code.NOT_FOUND, nothingHere());
            case 405 -> methodNotAllowed(routing);
            case 406 ->
                answer(routing, Kind.NOT_ACCEPTABLE, Code.BAD_REQUEST, "no media type in Accept is one of this path's");
            case 411 -> answer(routing, Kind.LENGTH_REQUIRED, Code.BAD_REQUEST, e.getMessage());
            case 413 -> answer(routing, Kind.TOO_LARGE, Code.TOO_LARGE, e.getMessage());
            case 415 ->
                answer(
                        routing,
                        Kind.UNSUPPORTED_MEDIA_TYPE,
                        Code.BAD_REQUEST,
                        "the body must be JSON; send Content-Type: application/json");
            default -> {
                if (status < 500) {
                    yield e.getResponse();
                }
                yield broken(e, routing);
            }
        };
    }

    @ServerExceptionMapper
    public Response broken(Throwable e, RoutingContext routing) {
        LOG.errorf(e, "request failed: request=%s", ids.of(routing));
        return answer(routing, Kind.INTERNAL, Code.INTERNAL, "the logs have the cause under the request id");
    }

    private Response methodNotAllowed(RoutingContext routing) {
        SortedSet<String> allowed =
                methods.of(MountFilter.mounted(routing) == null ? routing.normalizedPath() : MountFilter.INSIDE);
        Response response = answer(
                routing,
                Kind.METHOD_NOT_ALLOWED,
                Code.BAD_REQUEST,
                allowed.isEmpty() ? null : "there are " + String.join(", ", allowed));
        response.getHeaders().putSingle(HttpHeaders.ALLOW, String.join(", ", allowed));
        return response;
    }

    private Response malformed(JsonProcessingException e, RoutingContext routing) {
        JsonLocation at = e.getLocation();
        String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            where += ", in "
                    + mapping.getPath().stream()
                            .map(step ->
                                    step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                            .collect(Collectors.joining("."));
        }
        // The original message quotes the input, which may hold secrets or personal data.
        String what = switch (e) {
            case UnrecognizedPropertyException unknown ->
                "there is no such field; there are "
                        + unknown.getKnownPropertyIds().stream()
                                .map(String::valueOf)
                                .sorted()
                                .toList() + ":";
            case JsonMappingException _ -> "the JSON is not what is expected";
            default -> "the JSON is malformed";
        };
        return Kind.MALFORMED_JSON.with(what + where, ids.of(routing)).response();
    }

    private Response answer(RoutingContext routing, Kind kind, Code code, @Nullable String detail) {
        String requestId = ids.of(routing);
        MountMatch mounted = MountFilter.mounted(routing);
        Problem problem = kind.with(detail, requestId);
        return mounted == null
                ? problem.response()
                : ErrorResponses.of(
                        mounted,
                        problem.status(),
                        code,
                        "Sluice: " + (detail == null ? problem.title() : detail),
                        requestId);
    }

    private String nothingHere() {
        return "nothing is served here; mounts are "
                + mounts.names().stream().map(name -> "/" + name).collect(Collectors.joining(", "))
                + ", and Sluice's own API is under /api";
    }

    /** Describes a violation, with the field's name and place as callers write them. */
    private static String sentence(ConstraintViolation<?> violation) {
        StringBuilder place = new StringBuilder();
        String parameter = "";
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.isInIterable() && node.getIndex() != null) {
                place.append('[').append(node.getIndex()).append(']');
            }
            switch (node.getKind()) {
                case PARAMETER -> parameter = new SnakeCaseStrategy().translate(node.getName());
                case PROPERTY ->
                    place.append(place.isEmpty() ? "" : ".").append(new SnakeCaseStrategy().translate(node.getName()));
                default -> {}
            }
        }
        if (place.isEmpty() && violation.getConstraintDescriptor().getAnnotation() instanceof NotNull) {
            // Of the parameters only the body must not be null.
            return "the body must be a JSON object, and is empty or null";
        }
        return (place.isEmpty() ? parameter : place) + " " + violation.getMessage();
    }
}
