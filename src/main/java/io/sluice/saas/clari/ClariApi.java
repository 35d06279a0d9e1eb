package io.sluice.saas.clari;

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
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.Response;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/**
 * Clari's Revenue API, versions 4 and the ingest part of version 2.
 *
 * <p>Each method makes the calls of one operation, with the method, path, headers and body of the call it is given. It
 * waits for the head of the response; the body is read later. Reads and idempotent writes are retried after any
 * failure; other writes only if the vendor certainly did not execute them.
 *
 * <p>Clari publishes a rate for ingest only: 100 requests/s for a token (OpenAPI 5.0.0). The 5 requests/s of everything
 * else is half of what a production client is known to use. Timeouts are ours.
 */
@RegisterRestClient(configKey = "clari")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface ClariApi {
    /** Any read without a row of its own; {@code GET /v4/audit/events} among them. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response read(@NotBody Call call);

    /** Polls the state of an export, {@code GET /v4/export/jobs/{job_id}}. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response readJob(@NotBody Call call);

    /**
     * Fetches an export's file, {@code GET /v4/export/jobs/{job_id}/results}. The timeout covers the head, not the
     * file.
     */
    @GET
    @Timeout(value = 60, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response readResults(@NotBody Call call);

    /** Slots and quota of exports, {@code GET /v4/admin/limits}. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response readLimits(@NotBody Call call);

    /**
     * Submits an export. Each one accepted costs a unit of a 30-day quota and has no idempotency key: never retried
     * after an unknown outcome.
     */
    @POST
    @Timeout(value = 60, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response submitExport(@NotBody Call call);

    /** Cancels an export; a second time answers 400. */
    @PATCH
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response cancelExport(@NotBody Call call);

    /** Writes up to 100 records. Not documented to be idempotent. */
    @POST
    @Timeout(value = 60, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response ingest(@NotBody Call call);

    /** Uploads a file of up to 10 MB, which the timeout covers. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response ingestFile(@NotBody Call call);

    /** Any write without a row of its own. The timeout covers an upload. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 5, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response write(@NotBody Call call);
}
