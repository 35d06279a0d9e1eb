package io.sluice.http;

import io.sluice.Ulids;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/** The ids of requests, which a caller's response and our logs have in common. */
@Singleton
public class RequestIds {
    private static final String KEY = "sluice.request-id";

    private final Ulids ulids;

    RequestIds(Ulids ulids) {
        this.ulids = ulids;
    }

    /** Returns the id of a request; always the same for the same request. */
    public String of(RoutingContext request) {
        String id = request.get(KEY);
        if (id == null) {
            id = "req_" + ulids.next();
            request.put(KEY, id);
        }
        return id;
    }
}
