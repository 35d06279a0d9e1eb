package io.sluice.problem;

import io.sluice.budget.Decision;
import io.sluice.call.Call;
import io.sluice.call.Result;
import io.sluice.call.SluiceHeaders;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An error response of Sluice's own, in place of the vendor's response.
 *
 * @param status the HTTP status
 * @param code the reason, for programs
 * @param message the reason, for people; never holds a secret
 * @param requestId the id under which the logs tell more
 * @param retryAfter when to try again, where that helps
 * @param bottleneck the limit that holds the call back, where one does; the message names it too
 * @param refusal what of Sluice's refuses the call, where a caller can act on it; the message names it too
 */
public record GatewayError(
        int status,
        Code code,
        String message,
        String requestId,
        @Nullable Duration retryAfter,
        Decision.@Nullable Bottleneck bottleneck,
        @Nullable Refusal refusal) {
    /** An error whose reason is no limit of ours. */
    public GatewayError(int status, Code code, String message, String requestId, @Nullable Duration retryAfter) {
        this(status, code, message, requestId, retryAfter, null, null);
    }

    /** The cause for which Sluice refuses a call for now. */
    public enum Refusal {
        /** A limit, as the budget counts it. */
        LIMIT,
        /** An admin has paused the account. */
        PAUSE,
        /** The vendor fails, so its circuit breaker is open. */
        CIRCUIT_BREAKER;

        /** Returns the name in error bodies. */
        public String tag() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Returns what refused a call that was shed; empty if that is nothing that a caller can wait for by name. */
        public static Optional<Refusal> of(Result.Shed shed) {
            return shed.reason() == Decision.Reason.PAUSED
                    ? Optional.of(PAUSE)
                    : shed.bottleneck().map(_ -> LIMIT);
        }
    }

    /** Returns an error of Sluice's own, which no later try helps. */
    public static GatewayError of(int status, Code code, String why, String requestId) {
        return new GatewayError(status, code, message(why), requestId, null);
    }

    /**
     * Returns a refusal for the time being: 429, never 503, since SDKs repeat requests that get 5xx for up to an hour.
     */
    public static GatewayError busy(String why, String requestId, Duration retryAfter) {
        return new GatewayError(429, Code.TOO_MANY_REQUESTS, message(why), requestId, retryAfter);
    }

    /** Returns the error for a shed call. */
    public static GatewayError of(Result.Shed shed, String requestId) {
        return new GatewayError(
                429,
                Code.TOO_MANY_REQUESTS,
                message(FailureText.explain(shed)),
                requestId,
                shed.retryAfter(),
                shed.bottleneck().orElse(null),
                Refusal.of(shed).orElse(null));
    }

    /** Returns the error for a call that failed without a response of the vendor. */
    public static GatewayError of(Result.Failed failed, String requestId) {
        return of(failed, FailureText.explain(failed), requestId);
    }

    /** Returns the error for a call that failed without a response of the vendor, which tells what is known of it. */
    public static GatewayError of(Result.Failed failed, Call call) {
        String why = FailureText.explain(failed);
        return switch (failed.cause()) {
            case TIMEOUT, CALL_TIMEOUT -> of(failed, why + effort(call), call.id());
            case CIRCUIT_OPEN ->
                of(
                        failed,
                        why + " (operation " + call.request().operation().name() + " of "
                                + call.account().budget() + ")",
                        call.id());
            case UNREACHABLE, CONNECTION_LOST -> of(failed, why, call.id());
        };
    }

    private static GatewayError of(Result.Failed failed, String why, String requestId) {
        return switch (failed.cause()) {
            case UNREACHABLE, CONNECTION_LOST -> of(502, Code.VENDOR_FAILED, why, requestId);
            case TIMEOUT, CALL_TIMEOUT -> of(504, Code.VENDOR_TIMEOUT, why, requestId);
            // Nothing was sent, so the caller may repeat it soon, and SDKs must not repeat it for an hour, as they do
            // after 5xx.
            case CIRCUIT_OPEN ->
                new GatewayError(
                        429,
                        Code.TOO_MANY_REQUESTS,
                        message(why),
                        requestId,
                        failed.retryAfter().orElse(null),
                        null,
                        Refusal.CIRCUIT_BREAKER);
        };
    }

    private static String effort(Call call) {
        int count = call.attempts().count();
        return ": " + count + (count == 1 ? " attempt" : " attempts") + " in "
                + call.times().sending().toMillis() + " ms, "
                + call.times().queued().toMillis() + " ms in the queue";
    }

    /** Returns a message that names its sender: callers must be able to tell it from the vendor's. */
    public static String message(String why) {
        return "Sluice: " + why;
    }

    /** The reason for which Sluice answers itself. */
    public enum Code {
        BAD_REQUEST,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        TOO_LARGE,
        TOO_MANY_REQUESTS,
        VENDOR_FAILED,
        VENDOR_TIMEOUT,
        INTERNAL
    }

    /** The seconds for {@code Retry-After}: whole ones, rounded up and never zero. */
    public Optional<Long> retryAfterSeconds() {
        return Optional.ofNullable(retryAfter).map(SluiceHeaders::retryAfterSeconds);
    }
}
