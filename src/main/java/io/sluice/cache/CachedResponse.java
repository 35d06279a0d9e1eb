package io.sluice.cache;

import io.sluice.call.BufferedResponse;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A cached response. Immutable: neither body nor headers are ever changed.
 *
 * @param answer the response as it came
 * @param ttl how long it is fresh
 * @param keptAt when it came, on the ticker
 * @param since when its fetch began, on the cache's own time of invalidation
 * @param tags the tags of what it describes
 * @param version its version, if it states one
 */
record CachedResponse(
        BufferedResponse answer, Duration ttl, long keptAt, long since, List<String> tags, OptionalLong version) {
    /** The estimated size of an entry besides body and headers, in bytes. */
    private static final int OVERHEAD = 500;

    CachedResponse {
        tags = List.copyOf(tags);
    }

    Duration age(long now) {
        return Duration.ofNanos(now - keptAt);
    }

    /** Returns true if it is still fresh at {@code now}. */
    boolean fresh(long now) {
        return now - keptAt < ttl.toNanos();
    }

    @Nullable
    String etag() {
        return answer.headers().getFirst("ETag");
    }

    int weight() {
        int weight = OVERHEAD + answer.body().length;
        MultivaluedMap<String, String> headers = answer.headers();
        for (String name : headers.keySet()) {
            for (String value : headers.get(name)) {
                weight += 2 * (name.length() + value.length()) + 100;
            }
        }
        return weight;
    }
}
