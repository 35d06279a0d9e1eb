package io.sluice.gateway;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Names requests, so that a caller's answer and our logs can be brought together. */
@Singleton
public class RequestIds {
    /** The header that tells the caller. */
    public static final String HEADER = "Sluice-Request-Id";

    private static final String KEY = "sluice.request-id";

    private final RandomGenerator random;

    RequestIds(RandomGenerator random) {
        this.random = random;
    }

    /** The id of a request; the same whenever it is asked for. */
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
