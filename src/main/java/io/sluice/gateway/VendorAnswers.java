package io.sluice.gateway;

import io.sluice.gateway.Mounts.Mounted;
import io.sluice.vendor.Route;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;

/** Passes a vendor's answer on as it came, but for links of the vendor to itself. */
final class VendorAnswers {
    private VendorAnswers() {}

    /**
     * The answer for the caller; its body streams.
     *
     * @param base where the caller reached the mount
     */
    static Response passOn(Response answer, Mounted mounted, Route.Match match, String base) {
        MultivaluedMap<String, String> headers = PassedHeaders.toCaller(answer.getStringHeaders());
        String vendor =
                mounted.surface().account(mounted.account()).orElseThrow().url().toString();
        headers.computeIfPresent(
                HttpHeaders.LOCATION,
                (name, links) -> links.stream()
                        .map(link -> link.startsWith(vendor + "/") ? base + link.substring(vendor.length()) : link)
                        .toList());
        InputStream body = answer.hasEntity() ? answer.readEntity(InputStream.class) : InputStream.nullInputStream();
        if (match.link().isPresent() && answer.getStatus() == 200) {
            body = new LinkRewriter(body, match.link().get(), vendor + "/", base + "/");
            headers.remove(HttpHeaders.CONTENT_LENGTH);
        }
        Response.ResponseBuilder response = Response.status(answer.getStatus());
        headers.forEach((name, values) -> values.forEach(value -> response.header(name, value)));
        return response.entity(body).build();
    }
}
