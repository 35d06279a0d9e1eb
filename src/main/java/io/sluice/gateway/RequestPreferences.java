package io.sluice.gateway;

import io.sluice.budget.Priority;
import io.sluice.cache.CacheDirectives;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The preferences that a caller states for its call in {@code Prefer} (RFC 7240) and {@code Priority} (RFC 9218). As
 * both demand, unreadable values are ignored.
 */
public final class RequestPreferences {
    private static final Pattern WAIT = Pattern.compile("\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(;.*)?");
    private static final Pattern ASYNC = Pattern.compile("\\s*(respond-async)\\s*(;.*)?");
    private static final Pattern URGENCY = Pattern.compile("\\s*u\\s*=\\s*([0-7])\\s*(;.*)?");
    private static final Pattern MAX_AGE = Pattern.compile("\\s*max-age\\s*=\\s*\"?(\\d{1,9})\"?\\s*");
    private static final Pattern NO_CACHE = Pattern.compile("\\s*(no-cache)\\s*(=.*)?");
    private static final Pattern NO_STORE = Pattern.compile("\\s*(no-store)\\s*");

    /** Headers that make a response its caller's own. */
    private static final List<String> CONDITIONAL =
            List.of("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range");

    private static final CacheDirectives NEVER_STALE = new CacheDirectives(false, true, Optional.empty(), false, false);

    /** RFC 9218's default, and the last urgency that counts as interactive. */
    private static final int LEAST_INTERACTIVE = 3;

    private RequestPreferences() {}

    /** Returns how long the caller will wait for a permit. */
    public static Duration maxWait(MultiMap headers, GatewayConfig.Wait config) {
        return first(headers.getAll("Prefer"), WAIT)
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .map(wait -> wait.compareTo(config.max()) > 0 ? config.max() : wait)
                .orElse(config.byDefault());
    }

    /** Returns true if the caller wants its response before the call is made. */
    static boolean respondAsync(MultiMap headers) {
        return first(headers.getAll("Prefer"), ASYNC).isPresent();
    }

    /** Returns the priority of the call: interactive or bulk. */
    public static Priority priority(MultiMap headers) {
        return first(headers.getAll("Priority"), URGENCY)
                .filter(urgency -> Integer.parseInt(urgency) > LEAST_INTERACTIVE)
                .map(urgency -> Priority.BULK)
                .orElse(Priority.INTERACTIVE);
    }

    /** Returns the caller's cache directives (RFC 9111); stale responses for its team are allowed by configuration. */
    static CacheDirectives cacheDirectives(MultiMap headers, boolean stale) {
        boolean conditional = CONDITIONAL.stream().anyMatch(headers::contains);
        List<String> values = headers.getAll("Cache-Control");
        if (values.isEmpty()) {
            return conditional
                    ? new CacheDirectives(false, true, Optional.empty(), stale, true)
                    : stale ? CacheDirectives.NONE : NEVER_STALE;
        }
        Optional<Duration> maxAge = first(values, MAX_AGE).map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
        return new CacheDirectives(
                first(values, NO_CACHE).isPresent(), first(values, NO_STORE).isEmpty(), maxAge, stale, conditional);
    }

    private static Optional<String> first(List<String> values, Pattern pattern) {
        for (String value : values) {
            for (String part : value.split(",", -1)) {
                Matcher matcher = pattern.matcher(part.toLowerCase(Locale.ROOT));
                if (matcher.matches()) {
                    return Optional.of(matcher.group(1));
                }
            }
        }
        return Optional.empty();
    }
}
