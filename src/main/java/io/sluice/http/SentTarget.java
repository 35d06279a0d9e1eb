package io.sluice.http;

import io.sluice.call.Target;
import io.sluice.call.failure.IllegalTargetException;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request as it was sent, with the target that it names. A request that is routed anew shows another path.
 *
 * @param target the path and query; null for a path that could mean something else to a vendor, and for a query that
 *     cannot be sent to one
 * @param flaw why there is no target; empty if there is one
 * @param uri true if the request has a URI by RFC 3986, the only kind that the framework can read
 */
public record SentTarget(String path, @Nullable Target target, String flaw, boolean uri) {
    public static SentTarget of(HttpServerRequest http) {
        String path = Objects.requireNonNullElse(http.path(), "");
        boolean uri = isUri(http.uri());
        try {
            Target target = Target.parse(http.query() == null ? path : path + "?" + http.query());
            // Everything else that is illegal in a query is escaped, which changes no meaning; a percent sign that
            // begins no escape has no certain one.
            return uri || isUri(target.toString())
                    ? new SentTarget(path, target, "", uri)
                    : new SentTarget(path, null, "the query has a malformed percent escape", false);
        } catch (IllegalTargetException e) {
            return new SentTarget(path, null, String.valueOf(e.getMessage()), uri);
        }
    }

    private static boolean isUri(String text) {
        try {
            URI _ = new URI(text);
            return true;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
