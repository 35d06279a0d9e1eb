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
 * Customer.io's Pipelines API.
 *
 * <p>Each method makes the calls of one operation, with the method, path, headers and body of the call it is given. It
 * waits for the head of the response; the body is read later. Reads and idempotent writes are retried after any
 * failure; other writes only if the vendor certainly did not execute them.
 *
 * <p>Five tries, as guides advise; a 429 closes its limit for 1 s, and for twice as long each time, up to 32 s, each up
 * to a tenth longer.
 *
 * <p>Rate: 3000 requests in 3 s (Pipelines OpenAPI), taken as 1000/s. Calls count as unsafe to repeat, since only a
 * {@code messageId}, which a caller may have left out, makes a second one harmless. Timeouts are ours.
 */
@RegisterRestClient(configKey = "customerio-pipelines")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface CustomerioPipelinesApi {
    /** Identifies, tracks, groups or aliases one person, or a batch of these. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1000, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response pipelines(@NotBody Call call);

    /** A page or screen view. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1000, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response pipelinesPage(@NotBody Call call);

    /** Any read. */
    @GET
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response pipelinesRead(@NotBody Call call);

    /** Any write without a row of its own. The timeout covers an upload. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1000, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response pipelinesWrite(@NotBody Call call);
}
