package io.sluice.web;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request to Sluice's own API that cannot be met, with the problem to answer. */
final class ApiException extends RuntimeException {
    private final Problem.Kind kind;
    private final @Nullable Duration retryAfter;

    ApiException(Problem.Kind kind, String detail) {
        this(kind, detail, null);
    }

    /** @param retryAfter when asking again may help */
    ApiException(Problem.Kind kind, String detail, @Nullable Duration retryAfter) {
        super(detail, null, false, false);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    Problem.Kind kind() {
        return kind;
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
