package io.sluice.vendor;

import io.sluice.budget.LimitFeedback.LimitReading;
import io.sluice.budget.LimitFeedback.Throttle;
import io.sluice.budget.Scope;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the headers from which the vendors' dialects are made. What is missing or malformed is empty. */
public final class LimitHeaders {
    /** No vendor closes for longer; a larger number is a mistake or an epoch. */
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

    /** A moment as epoch seconds, read against the answer's own date: our clock may differ from the vendor's. */
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
     * What three headers of the form {@code PREFIX-Limit}, {@code -Remaining} and {@code -Reset} say of one limit.
     *
     * @param resetIn what the reset means, which vendors disagree about
     */
    public List<LimitReading> readings(String limit, String prefix, Optional<Duration> resetIn) {
        return readings(limit, prefix, resetIn, false);
    }

    /** The same where the reset is an {@link #epoch}. */
    public List<LimitReading> readingsWithEpoch(String limit, String prefix, Optional<Duration> resetIn) {
        return readings(limit, prefix, resetIn, true);
    }

    private List<LimitReading> readings(String limit, String prefix, Optional<Duration> resetIn, boolean epoch) {
        OptionalLong permits = number(prefix + "-Limit");
        OptionalLong remaining = number(prefix + "-Remaining");
        return isKept() || (permits.isEmpty() && remaining.isEmpty())
                ? List.of()
                : List.of(new LimitReading(limit, permits, remaining, resetIn, epoch));
    }

    /** Whether a cache on the way has kept the answer: it says nothing of the present. */
    private boolean isKept() {
        return headers.getFirst("Age") != null;
    }

    /** Whether a refusal's reset tells when to come back: if nothing is left until then, as far as it says. */
    public boolean usedUp(String prefix) {
        return !isKept() && number(prefix + "-Remaining").orElse(0) == 0;
    }

    /**
     * Whether the vendor refused the call for its rate: by 429, or by a 503 that says when to come back.
     *
     * @param resetIn when the vendor counts anew, for an answer without {@code Retry-After}; a second is added, too
     * @param backoff how long to stay away where it says nothing
     */
    public Optional<Throttle> throttle(int status, Scope scope, Optional<Duration> resetIn, Duration backoff) {
        Optional<Duration> retryAfter = retryAfter();
        if (status != 429 && (status != 503 || retryAfter.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(
                new Throttle(scope, retryAfter.or(() -> resetIn.map(reset -> reset.plusSeconds(1))), backoff));
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
