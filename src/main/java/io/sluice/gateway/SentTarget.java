package io.sluice.gateway;

import io.sluice.call.IllegalTargetException;
import io.sluice.call.Target;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request as it was sent, with the target that it names. A request that is routed anew shows another path.
 *
 * @param target the path and query; null for a path that could mean something else to a vendor
 * @param flaw why there is no target; empty if there is one
 */
record SentTarget(String path, @Nullable Target target, String flaw) {
    static SentTarget of(HttpServerRequest http) {
        String path = Objects.requireNonNullElse(http.path(), "");
        try {
            return new SentTarget(path, Target.parse(http.query() == null ? path : path + "?" + http.query()), "");
        } catch (IllegalTargetException e) {
            return new SentTarget(path, null, String.valueOf(e.getMessage()));
        }
    }
}
