package io.sluice.problem;

import io.sluice.budget.Decision;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The failure of a request to Sluice's own API, with the problem to respond with. */
public final class ApiException extends RuntimeException {
    private final Problem.Kind kind;
    private final @Nullable Duration retryAfter;
    private final Decision.@Nullable Bottleneck bottleneck;
    private final GatewayError.@Nullable Refusal refusal;

    public ApiException(Problem.Kind kind, String detail) {
        this(kind, detail, null);
    }

    /** @param retryAfter when asking again may help */
    public ApiException(Problem.Kind kind, String detail, @Nullable Duration retryAfter) {
        this(kind, detail, retryAfter, null, null);
    }

    /**
     * @param retryAfter when asking again may help
     * @param bottleneck the limit that holds the request back
     * @param refusal what refuses the request for now
     */
    public ApiException(
            Problem.Kind kind,
            String detail,
            @Nullable Duration retryAfter,
            Decision.@Nullable Bottleneck bottleneck,
            GatewayError.@Nullable Refusal refusal) {
        super(detail, null, false, false);
        this.kind = kind;
        this.retryAfter = retryAfter;
        this.bottleneck = bottleneck;
        this.refusal = refusal;
    }

    /** Returns the problem to respond with. */
    public Problem problem(String requestId) {
        Problem problem = kind.with(getMessage(), requestId);
        return retryAfter == null ? problem : problem.retryable(retryAfter, bottleneck, refusal);
    }

    public Problem.Kind kind() {
        return kind;
    }

    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
