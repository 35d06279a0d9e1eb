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

    /** Returns the caller's cache directives; stale responses for its team are allowed by configuration. */
    static CacheDirectives cacheDirectives(MultiMap headers, boolean stale) {
        return CacheDirectives.of(headers::getAll, stale);
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
