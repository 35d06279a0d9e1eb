package io.sluice.saas.customerio;

import io.quarkus.rest.client.reactive.NotBody;
import io.sluice.call.AttemptTracked;
import io.sluice.call.Call;
import io.sluice.call.PermitFilter;
import io.sluice.call.PermitRetryHandler;
import io.sluice.call.failure.AttemptFailedException;
import io.sluice.call.failure.UnexecutedException;
import io.smallrye.faulttolerance.api.BeforeRetry;
import io.smallrye.faulttolerance.api.ExponentialBackoff;
import io.smallrye.faulttolerance.api.RateLimit;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.Response;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/**
 * Customer.io's App API.
 *
 * <p>Each method makes the calls of one operation, with the method, path, headers and body of the call it is given. It
 * waits for the head of the response; the body is read later. Reads and idempotent writes are retried after any
 * failure; other writes only if the vendor certainly did not execute them.
 *
 * <p>Five tries, as guides advise; a 429 closes its limit for 1 s, and for twice as long each time, up to 32 s, each up
 * to a tenth longer.
 *
 * <p>Rates: 10 requests/s (App API overview), 100/s for transactional messages (send-messages page), one broadcast in
 * 10 s. Timeouts are ours, and shorter than the 10 s after which its Node client tries again.
 */
@RegisterRestClient(configKey = "customerio-app")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface CustomerioAppApi {
    /**
     * Searches that are written as a POST: {@code /v1/customers}, {@code /v1/customers/attributes},
     * {@code /v1/objects}.
     */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 10, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response query(@NotBody Call call);

    /** Sends a mail. A second one would be sent too: never retried after an unknown outcome. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response sendEmail(@NotBody Call call);

    /** Sends a push, text, in-app or inbox message, once. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response sendMessage(@NotBody Call call);

    /** Sends a broadcast to its whole audience, once; 1 in 10 s. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response triggerBroadcast(@NotBody Call call);

    /** Starts an export; a repeated call would start a second one. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 10, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response createExport(@NotBody Call call);

    /** Any read without a row of its own. */
    @GET
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 10, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response read(@NotBody Call call);

    /** Any write without a row of its own. The timeout covers an upload. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 10, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response write(@NotBody Call call);
}
