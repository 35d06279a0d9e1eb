package io.sluice.cache;

import io.sluice.call.Call;
import java.time.Duration;
import java.util.List;

/**
 * What is kept of a route's answers: 200 and 404, and nothing else.
 *
 * @param ttl how long an answer is fresh
 * @param missingTtl how long a 404 is
 * @param keyHeaders the request headers that change the answer, besides path and query
 */
public record CachePolicy(Duration ttl, Duration missingTtl, List<String> keyHeaders, TaggingRule tagging) {
    public CachePolicy {
        keyHeaders = List.copyOf(keyHeaders);
    }

    /** How long an answer with that status is fresh; zero if it is not kept. */
    Duration ttl(int status) {
        return switch (status) {
            case 200 -> ttl;
            case 404 -> missingTtl;
            default -> Duration.ZERO;
        };
    }

    /** What tells two reads apart. */
    String key(Call call) {
        return CacheKey.of(call, keyHeaders);
    }
}
