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
import jakarta.ws.rs.core.Response;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/**
 * The storage host of Customer.io's export files: a signed link leads there, for 15 minutes and without a credential.
 * It is no part of its API, so no limit of the account counts these calls. All numbers are ours.
 */
@RegisterRestClient(configKey = "customerio-files")
@RegisterProvider(PermitFilter.class)
@AttemptTracked
@Retry(maxRetries = 3, delay = 200, jitter = 100, retryOn = UnexecutedException.class)
@ExponentialBackoff(maxDelay = 5_000)
@BeforeRetry(PermitRetryHandler.class)
public interface CustomerioFilesApi {
    /** An export's file. The timeout covers the head, not the file. */
    @GET
    @Timeout(value = 60, unit = ChronoUnit.SECONDS)
    @Retry(
            maxRetries = 3,
            delay = 200,
            jitter = 100,
            retryOn = {AttemptFailedException.class, TimeoutException.class})
    @RateLimit(value = 100, window = 1, windowUnit = ChronoUnit.SECONDS)
    Response downloadFile(@NotBody Call call);
}
