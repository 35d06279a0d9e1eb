package io.sluice.web;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The page. It is served here, and not as a static file, so that a host that stands for a mount has it not. */
@Path("/")
@NonBlocking
public class PageResource {
    private static final Map<String, File> FILES = Map.of(
            "index.html", load("index.html", "text/html; charset=utf-8"),
            "page.css", load("page.css", "text/css; charset=utf-8"),
            "page.js", load("page.js", "text/javascript; charset=utf-8"));

    /** Nothing from elsewhere, nothing inline, in nobody's frame. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private record File(String type, String text) {}

    @GET
    @Operation(hidden = true)
    public Response page() {
        return file("index.html");
    }

    @GET
    @Path("/page/{name}")
    @Operation(hidden = true)
    public Response file(String name) {
        File file = FILES.get(name);
        if (file == null) {
            throw new ApiException(Problem.Kind.NOT_FOUND, "the page has no file of that name");
        }
        return Response.ok(file.text())
                .header(HttpHeaders.CONTENT_TYPE, file.type())
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    private static File load(String name, String type) {
        try (InputStream file = PageResource.class.getResourceAsStream("/page/" + name)) {
            if (file == null) {
                throw new IllegalStateException("the page's " + name + " is missing");
            }
            return new File(type, new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
