package io.sluice.http;

import io.sluice.HeaderElements;
import io.sluice.budget.Priority;
import io.vertx.core.MultiMap;
import java.time.Duration;
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
    public static Duration maxWait(MultiMap headers, PermitWaitConfig config) {
        return HeaderElements.first(headers.getAll("Prefer"), WAIT)
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .map(wait -> wait.compareTo(config.max()) > 0 ? config.max() : wait)
                .orElse(config.byDefault());
    }

    /** Returns true if the caller wants its response before the call is made. */
    public static boolean respondAsync(MultiMap headers) {
        return HeaderElements.first(headers.getAll("Prefer"), ASYNC).isPresent();
    }

    /** Returns the priority of the call: interactive or bulk. */
    public static Priority priority(MultiMap headers) {
        return HeaderElements.first(headers.getAll("Priority"), URGENCY)
                .filter(urgency -> Integer.parseInt(urgency) > LEAST_INTERACTIVE)
                .map(urgency -> Priority.BULK)
                .orElse(Priority.INTERACTIVE);
    }
}
