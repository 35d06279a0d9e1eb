package io.sluice.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * The cache directives of a request.
 *
 * @param noCache whether the caller refuses cached responses: {@code no-cache}
 * @param mayStore whether its response may be cached: no {@code no-store}
 * @param maxAge the largest age of a response that the caller accepts: {@code max-age}
 * @param stale whether the caller prefers a stale response to none
 * @param conditional whether the request has conditions, or asks for a range: then its response is for this caller only
 */
public record CacheDirectives(
        boolean noCache, boolean mayStore, Optional<Duration> maxAge, boolean stale, boolean conditional) {
    /** A request without directives. */
    public static final CacheDirectives NONE = new CacheDirectives(false, true, Optional.empty(), true, false);
}
