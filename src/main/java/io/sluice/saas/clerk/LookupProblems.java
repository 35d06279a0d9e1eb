package io.sluice.saas.clerk;

import io.sluice.call.Result;
import io.sluice.problem.ApiException;
import io.sluice.problem.FailureText;
import io.sluice.problem.GatewayError;
import io.sluice.problem.Problem.Kind;
import io.sluice.saas.clerk.ClerkUsers.Failure;
import java.time.Duration;
import java.util.Objects;

/** The mapping of look-ups of users that failed to problems of Sluice's own API. */
final class LookupProblems {
    private static final Duration SOON = Duration.ofSeconds(1);

    private LookupProblems() {}

    static ApiException of(Failure failure) {
        return switch (failure) {
            case Failure.NoAnswer(Result result) -> of(result);
            case Failure.Refused refused
            when refused.quota() ->
                new ApiException(Kind.QUOTA_EXCEEDED, "waiting does not help: a quota of the vendor is used up");
            case Failure.Refused refused
            when refused.status() == 429 ->
                new ApiException(Kind.TOO_MANY_REQUESTS, "the vendor refuses the call for its rate");
            case Failure.Refused refused
            when refused.status() >= 500 ->
                new ApiException(Kind.VENDOR_FAILED, "the vendor answered " + refused.status());
            case Failure.Refused refused
            when refused.status() == 401 ->
                new ApiException(
                        Kind.CREDENTIAL_REFUSED, "the vendor refuses the credential that Sluice has for the account");
            case Failure.Refused refused ->
                new ApiException(Kind.VENDOR_REFUSED, "the vendor answered " + refused.status());
        };
    }

    private static ApiException of(Result result) {
        return switch (result) {
            case Result.Shed shed ->
                new ApiException(
                        Kind.TOO_MANY_REQUESTS,
                        FailureText.explain(shed),
                        shed.retryAfter(),
                        shed.bottleneck().orElse(null),
                        GatewayError.Refusal.of(shed).orElse(null));
            case Result.Failed failed -> of(failed);
            case Result.Answered _ -> throw new IllegalArgumentException("a successful response is no problem");
        };
    }

    private static ApiException of(Result.Failed failed) {
        String why = FailureText.explain(failed);
        GatewayError error = GatewayError.of(failed, "");
        return switch (error.code()) {
            case TOO_MANY_REQUESTS ->
                new ApiException(
                        Kind.TOO_MANY_REQUESTS,
                        why,
                        Objects.requireNonNullElse(error.retryAfter(), SOON),
                        null,
                        error.refusal());
            case VENDOR_TIMEOUT -> new ApiException(Kind.VENDOR_TIMEOUT, why);
            default -> new ApiException(Kind.VENDOR_FAILED, why);
        };
    }
}
