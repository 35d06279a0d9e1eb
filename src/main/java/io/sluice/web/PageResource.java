package io.sluice.web;

import io.quarkus.runtime.LaunchMode;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;

/**
 * The HTTP resource of the page. A static file would be served at every host; this resource is not, so that a host that
 * stands for a mount does not have the page.
 */
@Path("/")
@NonBlocking
public class PageResource {
    private static final Map<String, String> TYPES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "page.css", "text/css; charset=utf-8",
            "page.js", "text/javascript; charset=utf-8");

    /** No content from elsewhere, no inline scripts, and no framing. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private static final Pattern LINK_TO_UI = Pattern.compile("\\s*<nav>.*?</nav>", Pattern.DOTALL);

    /** The files' texts; empty in dev mode, where they change under the running process. */
    private final Map<String, String> kept;

    private final ApiDocumentConfig document;

    @Inject
    PageResource(LaunchMode mode, ApiDocumentConfig document) {
        this.document = document;
        kept = mode == LaunchMode.DEVELOPMENT
                ? Map.of()
                : TYPES.keySet().stream().collect(Collectors.toUnmodifiableMap(name -> name, this::load));
    }

    @GET
    @Operation(hidden = true)
    public Response page() {
        return file("index.html");
    }

    @GET
    @Path("/page/{name}")
    @Operation(hidden = true)
    public Response file(String name) {
        String type = TYPES.get(name);
        if (type == null) {
            throw new ApiException(Problem.Kind.NOT_FOUND, "the page has no file of that name");
        }
        String text = kept.get(name);
        return Response.ok(text == null ? load(name) : text)
                .header(HttpHeaders.CONTENT_TYPE, type)
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    private String load(String name) {
        try (InputStream file = PageResource.class.getResourceAsStream("/page/" + name)) {
            if (file == null) {
                throw new IllegalStateException("the page's " + name + " is missing");
            }
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return document.open() ? text : LINK_TO_UI.matcher(text).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
