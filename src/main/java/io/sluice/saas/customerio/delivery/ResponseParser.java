package io.sluice.saas.customerio.delivery;

import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.problem.FailureText;
import io.sluice.saas.LimitHeaders;
import io.sluice.saas.customerio.delivery.BatchDelivery.ParsedResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Parses the result of a delivery call into the outcome of its messages. */
final class ResponseParser {
    /** The largest response read: no error of the vendor's is longer, a 207 for thousands of operations included. */
    private static final int MOST_READ = 2 << 20;

    /** The guides' first wait after a 429 without headers; the worker waits longer each time. */
    private static final Duration NO_HINT = Duration.ofSeconds(1);

    /** How long to pause an account whose credentials are refused: an operator has to replace them. */
    private static final Duration REFUSED = Duration.ofSeconds(30);

    private static final String KEY_REFUSED = ": the account's key is refused";

    /** The status of v2 for a batch of which it accepted some operations and refused others. */
    private static final int SOME_FAILED = 207;

    private ResponseParser() {}

    /** Parses a result. Reads the response to its end, so that its connection is free again. */
    static ParsedResponse parse(Result result) {
        return switch (result) {
            case Result.Shed shed ->
                new ParsedResponse.Failure(
                        new DeliveryOutcome.Throttled(shed.retryAfter(), false, FailureText.brief(shed)));
            case Result.Failed failed ->
                switch (failed.cause()) {
                    case UNREACHABLE, CIRCUIT_OPEN ->
                        new ParsedResponse.Failure(
                                failed.unknown()
                                        ? new DeliveryOutcome.Retry(FailureText.brief(failed))
                                        : new DeliveryOutcome.Throttled(NO_HINT, true, FailureText.brief(failed)));
                    case CONNECTION_LOST, TIMEOUT, CALL_TIMEOUT ->
                        new ParsedResponse.Failure(new DeliveryOutcome.Retry(FailureText.brief(failed)));
                };
            case Result.Answered(VendorResponse answer, boolean _) -> parse(answer);
        };
    }

    /** Returns true if the vendor refuses the account's credentials, so that no caller can help by trying again. */
    static boolean refusesKey(DeliveryOutcome.Throttled outcome) {
        return outcome.reason().endsWith(KEY_REFUSED);
    }

    private static ParsedResponse parse(VendorResponse answer) {
        int status = answer.status();
        String body;
        try (InputStream _ = answer.body()) {
            // A larger one is no answer of the vendor's: only its status counts.
            body = answer.readAll(MOST_READ)
                    .map(whole -> new String(whole.body(), StandardCharsets.UTF_8))
                    .orElse("");
        } catch (IOException e) {
            if (status / 100 == 2 && status != SOME_FAILED) {
                // The status alone shows the success, even if the body broke off.
                return new ParsedResponse.Answered(status, "");
            }
            return new ParsedResponse.Failure(new DeliveryOutcome.Retry("the answer broke off"));
        }
        if (status == 429) {
            return new ParsedResponse.Failure(new DeliveryOutcome.Throttled(
                    new LimitHeaders(answer.headers()).retryAfter().orElse(NO_HINT), true, "throttled by the vendor"));
        }
        if (status == 401 || status == 403) {
            return new ParsedResponse.Failure(
                    new DeliveryOutcome.Throttled(REFUSED, false, "status " + status + KEY_REFUSED));
        }
        if (status >= 500 || status == 408) {
            return new ParsedResponse.Failure(new DeliveryOutcome.Retry("status " + status));
        }
        return new ParsedResponse.Answered(status, body);
    }
}
