package io.sluice.saas.clerk;

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
 * Clerk's Backend API.
 *
 * <p>Each method makes the calls of one operation, with the method, path, headers and body of the call it is given. It
 * waits for the head of the response; the body is read later. Reads and idempotent writes are retried after any
 * failure; other writes only if the vendor certainly did not execute them.
 *
 * <p>Rates are those that Clerk documents for a production instance (system limits, 2026): 1000 requests in 10 s, and
 * smaller ones where said. Backstops only: the budget decides, and has the account's own numbers. Timeouts are ours:
 * Clerk states none.
 */
@RegisterRestClient(configKey = "clerk")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface ClerkApi {
    /** Any read without a row of its own. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response read(@NotBody Call call);

    /** One user, {@code GET /v1/users/{user_id}}. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response readUser(@NotBody Call call);

    /** Users by filter, {@code GET /v1/users}; up to 500 for one permit. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response listUsers(@NotBody Call call);

    /** How many users, {@code GET /v1/users/count}. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response countUsers(@NotBody Call call);

    /** One organization, {@code GET /v1/organizations/{organization_id}}. */
    @GET
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response readOrganization(@NotBody Call call);

    /** The signing keys. Clerk does not limit them, and every token check of every app may wait for them. */
    @GET
    @Timeout(value = 10, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    Response jwks(@NotBody Call call);

    /** Any write without a row of its own, taken to be unsafe to repeat. The timeout covers an upload. */
    @POST
    @Timeout(value = 120, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response write(@NotBody Call call);

    /** Creates a user: no idempotency key exists, so never retried after an unknown outcome. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response createUser(@NotBody Call call);

    /** Sets a user's fields or metadata; 10 in 10 s for one user, which only the budget can count. */
    @PATCH
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response updateUser(@NotBody Call call);

    /** Bans, unbans, locks or unlocks a user: sets a state. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response setUserState(@NotBody Call call);

    /** Deletes a user or organization; a second time answers 404. */
    @DELETE
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response delete(@NotBody Call call);

    /** Ends a session: sets a state. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response revokeSession(@NotBody Call call);

    /** Creates an organization: only a slug would guard against a second one. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response createOrganization(@NotBody Call call);

    /** Sets an organization's fields or metadata; 10 in 10 s for one organization. */
    @PATCH
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response updateOrganization(@NotBody Call call);

    /** Sets a membership's role or metadata; 10 in 10 s for one membership. */
    @PATCH
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 1000, window = 10, windowUnit = ChronoUnit.SECONDS)
    Response updateMembership(@NotBody Call call);

    /** Sends an invitation; 100 an hour. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.HOURS)
    Response invite(@NotBody Call call);

    /** Sends up to 10 invitations; 25 calls an hour. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 25, window = 1, windowUnit = ChronoUnit.HOURS)
    Response inviteMany(@NotBody Call call);

    /** Sends an invitation to an organization; 250 an hour. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 250, window = 1, windowUnit = ChronoUnit.HOURS)
    Response inviteToOrganization(@NotBody Call call);

    /** Sends up to 10 invitations to an organization; 50 calls an hour. */
    @POST
    @Timeout(value = 30, unit = ChronoUnit.SECONDS)
    @Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
    @RateLimit(value = 50, window = 1, windowUnit = ChronoUnit.HOURS)
    Response inviteManyToOrganization(@NotBody Call call);
}
