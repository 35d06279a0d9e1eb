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
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.core.Response;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/**
 * Customer.io's Track API, versions 1 and 2.
 *
 * <p>Each method makes the calls of one operation, with the method, path, headers and body of the call it is given. It
 * waits for the head of the response; the body is read later. Reads and idempotent writes are retried after any
 * failure; other writes only if the vendor certainly did not execute them.
 *
 * <p>Five tries, as guides advise; a 429 closes its limit for 1 s, and for twice as long each time, up to 32 s, each up
 * to a tenth longer.
 *
 * <p>Rates: 100 requests/s for a workspace, the number that reviews and guides agree on; Customer.io's own document of
 * 2026 speaks of 1000/s and of dropping what exceeds it. Timeouts are ours, and shorter than the 10 s after which its
 * Node client tries again.
 */
@RegisterRestClient(configKey = "customerio-track")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface CustomerioTrackApi {
    /** Creates or updates a person: an upsert. */
    @PUT
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response identify(@NotBody Call call);

    /** Deletes a person; a second time changes nothing. */
    @DELETE
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response deletePerson(@NotBody Call call);

    /** An event. It may carry an id that makes a second one harmless, but need not. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response track(@NotBody Call call);

    /** Adds or updates a person's device: an upsert. */
    @PUT
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response setDevice(@NotBody Call call);

    /** Suppresses or unsuppresses a person: sets a state. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response suppress(@NotBody Call call);

    /** Adds people to a segment, or removes them: sets a state. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response changeSegment(@NotBody Call call);

    /** Merges two people, which cannot be undone. */
    @POST
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response merge(@NotBody Call call);

    /** One or many operations of version 2, which may hold events without ids. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response batch(@NotBody Call call);

    /** Any read, {@code GET /api/v1/accounts/region} among them. */
    @GET
    @Timeout(value = 9, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 4,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response trackRead(@NotBody Call call);

    /** Any write without a row of its own. The timeout covers an upload. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 4, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response trackWrite(@NotBody Call call);
}
