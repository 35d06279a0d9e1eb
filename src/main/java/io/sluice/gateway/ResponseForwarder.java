package io.sluice.gateway;

import io.sluice.call.Call;
import io.sluice.call.VendorResponse;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.vendor.Route;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/** The forwarding of a vendor's response to the caller: unchanged, except for links of the vendor to itself. */
final class ResponseForwarder {
    private ResponseForwarder() {}

    /**
     * Returns the response for the caller; its body streams.
     *
     * @param base the URL at which the caller reached the mount
     * @param call the call that the response belongs to
     * @param caller the request that is answered
     */
    static Response forward(
            VendorResponse answer,
            MountMatch mounted,
            Route.Match match,
            String base,
            Call call,
            RoutingContext caller) {
        MultivaluedMap<String, String> headers = HeaderFilter.toCaller(answer.headers());
        String vendor =
                mounted.surface().account(mounted.account()).orElseThrow().url().toString();
        headers.computeIfPresent(
                HttpHeaders.LOCATION,
                (name, links) -> links.stream()
                        .map(link -> link.startsWith(vendor + "/") ? base + link.substring(vendor.length()) : link)
                        .toList());
        if (call.request().method().equals("HEAD") || answer.status() == 204 || answer.status() == 304) {
            // There is no body whose end could be seen.
            call.attempts().finished();
        }
        InputStream body = answer.body();
        if (match.link().isPresent() && answer.status() == 200) {
            body = new LinkRewriter(body, match.link().get(), vendor + "/", base + "/");
            headers.remove(HttpHeaders.CONTENT_LENGTH);
        }
        Response.ResponseBuilder response = Response.status(answer.status());
        headers.forEach((name, values) -> values.forEach(value -> response.header(name, value)));
        if (!headers.containsKey(HttpHeaders.CONTENT_TYPE)) {
            // The framework would set a content type where the vendor sets none.
            caller.addHeadersEndHandler(head -> caller.response().headers().remove(HttpHeaders.CONTENT_TYPE));
        }
        return response.entity(new ClientResponseBody(body, () -> breakOff(caller), call))
                .build();
    }

    private static void breakOff(RoutingContext caller) {
        LoggedRequest.of(caller).ifPresent(LoggedRequest::brokenOff);
        ClientConnection.breakOff(caller.request());
    }
}
