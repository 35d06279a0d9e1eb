package io.sluice.saas;

import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.Scope;
import io.sluice.budget.window.LimitReading;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A reader of rate limit headers, for the vendors' dialects. Headers that are missing or malformed are empty. */
public final class LimitHeaders {
    /** The longest plausible time: no vendor closes for longer; a larger number is a mistake or an epoch. */
    private static final Duration LONGEST = Duration.ofDays(31);

    private final MultivaluedMap<String, ?> headers;

    public LimitHeaders(MultivaluedMap<String, ?> headers) {
        this.headers = headers;
    }

    /** A whole number that is not negative. */
    public OptionalLong number(String name) {
        Object value = headers.getFirst(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(value.toString().trim());
            return number < 0 ? OptionalLong.empty() : OptionalLong.of(number);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** A number of seconds from now. */
    public Optional<Duration> seconds(String name) {
        OptionalLong seconds = number(name);
        return seconds.isPresent() ? plausible(seconds.getAsLong()) : Optional.empty();
    }

    /** A moment as epoch seconds, read against the response's own date: our clock may differ from the vendor's. */
    public Optional<Duration> epoch(String name) {
        OptionalLong moment = number(name);
        Optional<Instant> now = date("Date");
        return moment.isPresent() && now.isPresent()
                ? plausible(moment.getAsLong() - now.get().getEpochSecond())
                : Optional.empty();
    }

    /**
     * {@code Retry-After}, as seconds or as a date. One second is added, since either form may have lost almost as
     * much by rounding down.
     */
    public Optional<Duration> retryAfter() {
        Optional<Duration> stated = seconds("Retry-After");
        if (stated.isEmpty()) {
            Optional<Instant> then = date("Retry-After");
            Optional<Instant> now = date("Date");
            if (then.isPresent() && now.isPresent()) {
                stated = plausible(
                        Math.max(0, then.get().getEpochSecond() - now.get().getEpochSecond()));
            }
        }
        return stated.map(wait -> wait.plusSeconds(1));
    }

    /**
     * The reading of one limit from three headers of the form {@code PREFIX-Limit}, {@code -Remaining} and
     * {@code -Reset}.
     *
     * @param resetIn the time until the reset, which vendors encode differently; null if the headers do not state it
     */
    public List<LimitReading> readings(String limit, String prefix, @Nullable Duration resetIn) {
        return readings(limit, prefix, resetIn, false);
    }

    /** The same where the vendor does not say which of the call's limits it means. */
    public List<LimitReading> readingsOfSomeLimit(String prefix, @Nullable Duration resetIn) {
        return readings(LimitReading.UNNAMED, prefix, resetIn, false);
    }

    /** The same where the reset is an {@link #epoch}. */
    public List<LimitReading> readingsWithEpoch(String limit, String prefix, @Nullable Duration resetIn) {
        return readings(limit, prefix, resetIn, true);
    }

    private List<LimitReading> readings(String limit, String prefix, @Nullable Duration resetIn, boolean epoch) {
        OptionalLong permits = number(prefix + "-Limit");
        OptionalLong remaining = number(prefix + "-Remaining");
        return isKept() || (permits.isEmpty() && remaining.isEmpty())
                ? List.of()
                : List.of(new LimitReading(limit, permits, remaining, Optional.ofNullable(resetIn), epoch));
    }

    /** True if a cache on the way stored the response: then its headers are out of date. */
    private boolean isKept() {
        return headers.getFirst("Age") != null;
    }

    /**
     * True if a refusal's reset can be used as {@code Retry-After}: the headers report that no call is left until then.
     */
    public boolean usedUp(String prefix) {
        return !isKept() && number(prefix + "-Remaining").orElse(0) == 0;
    }

    /**
     * The throttling of a call, if the vendor refused it for its rate: by 429, or by a 503 with {@code Retry-After}.
     *
     * @param resetIn when the vendor's count resets, for a response without {@code Retry-After}; a second is added, too; null if
     *     that is unknown
     * @param backoff how long to wait where the headers say nothing
     */
    public Optional<Throttle> throttle(int status, Scope scope, @Nullable Duration resetIn, Duration backoff) {
        Optional<Duration> retryAfter = retryAfter();
        if (status != 429 && (status != 503 || retryAfter.isEmpty())) {
            return Optional.empty();
        }
        Optional<Duration> reset = Optional.ofNullable(resetIn).map(in -> in.plusSeconds(1));
        return Optional.of(new Throttle(scope, retryAfter.or(() -> reset), backoff));
    }

    private Optional<Instant> date(String name) {
        Object value = headers.getFirst(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ZonedDateTime.parse(value.toString().trim(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> plausible(long seconds) {
        return seconds >= 0 && seconds <= LONGEST.toSeconds()
                ? Optional.of(Duration.ofSeconds(seconds))
                : Optional.empty();
    }
}
