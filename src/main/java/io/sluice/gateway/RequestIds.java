package io.sluice.gateway;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** The ids of requests, which a caller's response and our logs have in common. */
@Singleton
public class RequestIds {
    /** The name of the response header with the id. */
    public static final String HEADER = "Sluice-Request-Id";

    private static final String KEY = "sluice.request-id";

    private final RandomGenerator random;

    RequestIds(RandomGenerator random) {
        this.random = random;
    }

    /** Returns the id of a request; always the same for the same request. */
    public String of(RoutingContext request) {
        String id = request.get(KEY);
        if (id == null) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            id = "req_" + HexFormat.of().formatHex(bytes);
            request.put(KEY, id);
        }
        return id;
    }
}
