package io.sluice.cache;

import io.sluice.call.CallRequest;
import java.time.Duration;
import java.util.List;

/**
 * The caching policy of a route: how long which responses are fresh, and what they are tagged with. 200 and 404 can be
 * cached, no other status.
 *
 * @param ttl how long a response is fresh
 * @param missingTtl how long a 404 is
 * @param keyHeaders the request headers that change the response, besides path and query
 */
public record CachePolicy(Duration ttl, Duration missingTtl, List<String> keyHeaders, TaggingRule tagging) {
    public CachePolicy {
        keyHeaders = List.copyOf(keyHeaders);
    }

    /** Returns how long a response with that status is fresh; zero if it is not cached. */
    Duration ttl(int status) {
        return switch (status) {
            case 200 -> ttl;
            case 404 -> missingTtl;
            default -> Duration.ZERO;
        };
    }

    /** Returns the cache key of a call. */
    String key(CallRequest call) {
        return CacheKey.of(call, keyHeaders);
    }
}
