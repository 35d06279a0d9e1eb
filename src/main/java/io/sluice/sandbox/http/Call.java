package io.sluice.sandbox.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as a simulated vendor receives it.
 *
 * @param path the raw path under the mount
 * @param base the absolute URL of the mount as the caller wrote it
 * @param query decoded, each name with its values in order
 * @param variables the decoded variables of the operation's path
 * @param partial refusals that a fault demands of a batch, or null
 */
public record Call(
        String method,
        String path,
        String base,
        Map<String, List<String>> query,
        MultiMap headers,
        Map<String, String> variables,
        Payload payload,
        @Nullable JsonObject partial) {

    static Call of(HttpServerRequest request, String mount) {
        HostAndPort authority = request.authority();
        String base = request.scheme() + "://" + (authority == null ? "localhost" : authority) + mount;
        return new Call(
                request.method().name(),
                rawPath(request).substring(mount.length()),
                base,
                new QueryStringDecoder(request.uri()).parameters(),
                request.headers(),
                Map.of(),
                Payload.none(),
                null);
    }

    /** The path as it was sent; empty for the odd request that has none. */
    static String rawPath(HttpServerRequest request) {
        String path = request.path();
        return path == null ? "" : path;
    }

    public Call with(Map<String, String> newVariables) {
        return new Call(method, path, base, query, headers, newVariables, payload, partial);
    }

    public Call with(Payload newPayload) {
        return new Call(method, path, base, query, headers, variables, newPayload, partial);
    }

    Call refusing(JsonObject newPartial) {
        return new Call(method, path, base, query, headers, variables, payload, newPartial);
    }

    public String parameter(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the path has no variable " + name);
        }
        return value;
    }

    @Nullable
    public String header(String name) {
        return headers.get(name);
    }

    /** The first value of a query parameter. */
    @Nullable
    public String query(String name) {
        List<String> values = query.getOrDefault(name, List.of());
        return values.isEmpty() ? null : values.getFirst();
    }

    public List<String> queries(String name) {
        return query.getOrDefault(name, List.of());
    }

    public boolean queryFlag(String name) {
        return "true".equals(query(name));
    }

    /** A query parameter as a whole number; {@code otherwise} when it is absent. */
    public long queryNumber(String name, long otherwise) {
        String value = query(name);
        if (value == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException wrong) {
            throw new MalformedCallException(name + " must be a whole number: " + value);
        }
    }

    /** The body as a JSON object; an absent body is an empty object. */
    public JsonObject json() {
        if (payload.bytes() == 0) {
            return new JsonObject();
        }
        if (parsed() instanceof JsonObject object) {
            return object;
        }
        throw new MalformedCallException("the body must be a JSON object");
    }

    /** The body as a JSON array. */
    public JsonArray jsonArray() {
        if (parsed() instanceof JsonArray array) {
            return array;
        }
        throw new MalformedCallException("the body must be a JSON array");
    }

    private Object parsed() {
        try {
            return Json.parse(payload.whole());
        } catch (DecodeException broken) {
            throw new MalformedCallException("the body is not JSON");
        }
    }
}
