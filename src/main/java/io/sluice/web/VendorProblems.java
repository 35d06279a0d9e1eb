package io.sluice.web;

import io.sluice.call.Result;
import io.sluice.gateway.ErrorResponses;
import io.sluice.vendor.clerk.ClerkUsers.Failure;
import io.sluice.web.Problem.Kind;
import java.time.Duration;
import java.util.Optional;

/** The mapping of the results of calls that Sluice makes for its own API to problems. */
final class VendorProblems {
    private VendorProblems() {}

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
                        ErrorResponses.why(shed),
                        shed.retryAfter(),
                        shed.bottleneck().orElse(null));
            case Result.Failed(var _, boolean _, Optional<Duration> retryAfter)
            when retryAfter.isPresent() ->
                new ApiException(
                        Kind.TOO_MANY_REQUESTS,
                        "the vendor fails too often, its circuit breaker is open for some seconds",
                        retryAfter.get());
            case Result.Failed failed
            when failed.cause() == Result.Cause.TIMEOUT || failed.cause() == Result.Cause.CALL_TIMEOUT ->
                new ApiException(Kind.VENDOR_TIMEOUT, "the vendor did not answer in time");
            case Result.Failed _ -> new ApiException(Kind.VENDOR_FAILED, "no response came from the vendor");
            case Result.Answered _ -> throw new IllegalArgumentException("a successful response is no problem");
        };
    }
}
