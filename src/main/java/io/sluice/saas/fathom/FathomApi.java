package io.sluice.saas.fathom;

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
import jakarta.ws.rs.DELETE;
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
 * Fathom's External API.
 *
 * <p>Each method makes the calls of one operation, with the method, path, headers and body of the call it is given. It
 * waits for the head of the response; the body is read later. Reads and idempotent writes are retried after any
 * failure; other writes only if the vendor certainly did not execute them.
 *
 * <p>Rates (API overview): 60 calls in 60 s; 30 in 60 s for heavy ones and, counted apart, for downloads. Timeouts are
 * ours.
 */
@RegisterRestClient(configKey = "fathom")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface FathomApi {
    /** Any read without a row of its own; {@code GET /external/v1/meetings} among them. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 60, window = 60, windowUnit = ChronoUnit.SECONDS)
    Response read(@NotBody Call call);

    /** Summaries and transcripts, also those inside a list of meetings. */
    @GET
    @Timeout(value = 60, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 30, window = 60, windowUnit = ChronoUnit.SECONDS)
    Response readHeavy(@NotBody Call call);

    /** A summary or transcript that Fathom sends to a URL of the caller's: a second call would send it twice. */
    @GET
    @Timeout(value = 60, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 30, window = 60, windowUnit = ChronoUnit.SECONDS)
    Response sendHeavy(@NotBody Call call);

    /** Prepares a recording for download; a second request makes a second one. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 30, window = 60, windowUnit = ChronoUnit.SECONDS)
    Response requestDownload(@NotBody Call call);

    /** Deletes a webhook; a second time answers 404. */
    @DELETE
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 60, window = 60, windowUnit = ChronoUnit.SECONDS)
    Response deleteWebhook(@NotBody Call call);

    /** Any write without a row of its own, creating a webhook among them: a second one would deliver all twice. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 60, window = 60, windowUnit = ChronoUnit.SECONDS)
    Response write(@NotBody Call call);
}
