package io.sluice.cache;

import io.sluice.HeaderElements;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

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

    private static final CacheDirectives NEVER_STALE = new CacheDirectives(false, true, Optional.empty(), false, false);

    private static final Pattern MAX_AGE = Pattern.compile("\\s*max-age\\s*=\\s*\"?(\\d{1,9})\"?\\s*");
    private static final Pattern NO_CACHE = Pattern.compile("\\s*(no-cache)\\s*(=.*)?");
    private static final Pattern NO_STORE = Pattern.compile("\\s*(no-store)\\s*");

    /** Headers that make a response its caller's own. */
    private static final List<String> CONDITIONAL =
            List.of("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range");

    /**
     * Parses the directives of a request (RFC 9111); unreadable ones are ignored.
     *
     * @param headers finds the values of a header; empty if it is absent
     * @param stale whether the caller's team allows stale responses
     */
    public static CacheDirectives of(Function<String, List<String>> headers, boolean stale) {
        boolean conditional =
                CONDITIONAL.stream().anyMatch(name -> !headers.apply(name).isEmpty());
        List<String> values = headers.apply("Cache-Control");
        if (values.isEmpty()) {
            return conditional
                    ? new CacheDirectives(false, true, Optional.empty(), stale, true)
                    : stale ? NONE : NEVER_STALE;
        }
        Optional<Duration> maxAge =
                HeaderElements.first(values, MAX_AGE).map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
        return new CacheDirectives(
                HeaderElements.first(values, NO_CACHE).isPresent(),
                HeaderElements.first(values, NO_STORE).isEmpty(),
                maxAge,
                stale,
                conditional);
    }
}
