package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.call.Call;
import io.sluice.call.CredentialStates;
import io.sluice.call.Result;
import io.sluice.call.SluiceHeaders;
import io.sluice.call.VendorResponse;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.http.ClientConnection;
import io.sluice.http.ClientResponseBody;
import io.sluice.http.HeaderFilter;
import io.sluice.problem.GatewayError;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/**
 * The rendering of replies as the responses of a mount: a vendor's response is forwarded unchanged, except for links of
 * the vendor to itself; everything else is in the vendor's form.
 */
@Singleton
class ResponseForwarder {
    /** The status that proxies such as nginx log for a caller that has left; it is never received. */
    static final int CLIENT_CLOSED_REQUEST = 499;

    private final Budget budget;

    ResponseForwarder(Budget budget) {
        this.budget = budget;
    }

    /**
     * Renders a reply; the body of a vendor's response streams.
     *
     * @param call the call that is replied to
     * @param caller the request that is answered
     */
    Response render(Reply reply, MountCall call, RoutingContext caller) {
        return switch (reply) {
            case Reply.Served served -> {
                Response response = served(served, call, caller);
                CallHeaders.describe(response.getHeaders(), served, call.request(), budget);
                yield response;
            }
            case Reply.Replayed(RecordedResponse recorded) -> replayed(recorded);
            case Reply.Accepted accepted -> accepted(accepted);
            case Reply.Refused(GatewayError error, boolean unknown) -> refused(call.mounted(), error, unknown);
            case Reply.ClientGone() -> Response.status(CLIENT_CLOSED_REQUEST).build();
        };
    }

    private static Response served(Reply.Served served, MountCall call, RoutingContext caller) {
        if (!(served.result() instanceof Result.Answered(VendorResponse answer, boolean unknown))) {
            return refused(
                    call.mounted(),
                    served.error(call).orElseThrow(),
                    served.result().unknown());
        }
        boolean refused = CredentialStates.isRefusal(call.request(), answer);
        Response.ResponseBuilder response = forward(served, answer, call, caller);
        if (unknown) {
            outcome(response, SluiceHeaders.UNKNOWN);
        } else if (refused) {
            outcome(response, SluiceHeaders.CREDENTIAL_REFUSED);
        }
        return response.build();
    }

    private static Response.ResponseBuilder forward(
            Reply.Served served, VendorResponse answer, MountCall call, RoutingContext caller) {
        MultivaluedMap<String, String> headers = HeaderFilter.toCaller(answer.headers());
        String vendor = call.request().account().url().toString();
        headers.computeIfPresent(
                HttpHeaders.LOCATION,
                (name, links) -> links.stream()
                        .map(there -> there.startsWith(vendor + "/")
                                ? base(caller.request(), call.mounted()) + there.substring(vendor.length())
                                : there)
                        .toList());
        boolean bodiless = call.request().method().equals("HEAD") || answer.status() == 204 || answer.status() == 304;
        if (bodiless) {
            // There is no body whose end could be seen.
            Call made = served.made();
            if (made != null) {
                made.attempts().finished();
            }
        }
        String link = answer.status() == 200 ? call.match().link() : null;
        if (link != null) {
            headers.remove(HttpHeaders.CONTENT_LENGTH);
        }
        Response.ResponseBuilder response = Response.status(answer.status());
        headers.forEach((name, values) -> values.forEach(value -> response.header(name, value)));
        if (!headers.containsKey(HttpHeaders.CONTENT_TYPE)) {
            // The framework would set a content type where the vendor sets none.
            caller.addHeadersEndHandler(head -> caller.response().headers().remove(HttpHeaders.CONTENT_TYPE));
        }
        byte[] inMemory = bodiless || link != null ? null : answer.inMemory().orElse(null);
        if (inMemory != null) {
            return response.entity(inMemory);
        }
        InputStream body = link == null
                ? answer.body()
                : new LinkRewriter(answer.body(), link, vendor + "/", base(caller.request(), call.mounted()) + "/");
        return response.entity(new ClientResponseBody(body, () -> breakOff(caller), served.madeFor(call)));
    }

    private static Response replayed(RecordedResponse recorded) {
        Response.ResponseBuilder response =
                Response.status(recorded.status()).entity(recorded.body()).header(SluiceHeaders.REPLAYED, "true");
        String type = recorded.contentType();
        if (type != null) {
            response.header(HttpHeaders.CONTENT_TYPE, type);
        }
        if (recorded.unknown()) {
            outcome(response, SluiceHeaders.UNKNOWN);
        }
        return response.build();
    }

    private static Response accepted(Reply.Accepted accepted) {
        Response.ResponseBuilder response = Response.status(accepted.status())
                .entity(accepted.json())
                .type(MediaType.APPLICATION_JSON)
                .header(SluiceHeaders.DELIVERY, accepted.id());
        return accepted.asked()
                ? response.header(HttpHeaders.LOCATION, "/api/deliveries/" + accepted.id())
                        .header("Preference-Applied", "respond-async")
                        .build()
                : response.build();
    }

    private static Response refused(MountMatch mounted, GatewayError error, boolean unknown) {
        Response response = ErrorResponses.render(mounted, error);
        if (unknown) {
            response.getHeaders().putSingle(SluiceHeaders.OUTCOME, SluiceHeaders.UNKNOWN);
        }
        return response;
    }

    /** Sets the outcome, in place of one that the vendor's response may have. */
    private static void outcome(Response.ResponseBuilder response, String outcome) {
        response.header(SluiceHeaders.OUTCOME, null).header(SluiceHeaders.OUTCOME, outcome);
    }

    /** The URL at which the caller reached the mount: links of the vendor to itself must begin with it. */
    private static String base(HttpServerRequest request, MountMatch mounted) {
        return request.authority() == null
                ? mounted.prefix()
                : request.scheme() + "://" + request.authority() + mounted.prefix();
    }

    private static void breakOff(RoutingContext caller) {
        LoggedRequest.of(caller).ifPresent(LoggedRequest::brokenOff);
        ClientConnection.breakOff(caller.request());
    }
}
