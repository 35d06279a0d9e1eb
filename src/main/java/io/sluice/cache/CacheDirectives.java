package io.sluice.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * The cache directives of a request.
 *
 * @param noCache that it wants none: {@code no-cache}
 * @param mayStore that its answer may be kept: no {@code no-store}
 * @param maxAge how old an answer may be: {@code max-age}
 * @param stale that one out of date is better than none
 * @param conditional that it has conditions of its own, or wants a part: then its answer is only its own
 */
public record CacheDirectives(
        boolean noCache, boolean mayStore, Optional<Duration> maxAge, boolean stale, boolean conditional) {
    /** Nothing said. */
    public static final CacheDirectives NONE = new CacheDirectives(false, true, Optional.empty(), true, false);
}
