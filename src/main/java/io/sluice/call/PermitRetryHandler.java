package io.sluice.call;

import io.smallrye.faulttolerance.api.BeforeRetryHandler;
import jakarta.enterprise.context.Dependent;
import java.time.Duration;
import org.eclipse.microprofile.faulttolerance.ExecutionContext;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/**
 * Takes the permit for a further attempt, right before it is made. What it throws or fails to get stops nothing by
 * itself: then the filter refuses the attempt, which ends the retries, and the call goes back to the queue.
 */
@Dependent
public class PermitRetryHandler implements BeforeRetryHandler {
    /** The longest wait inside a retry loop: after a timeout the loop holds a platform thread. */
    private static final Duration INLINE = Duration.ofSeconds(2);

    private final Permits permits;

    PermitRetryHandler(Permits permits) {
        this.permits = permits;
    }

    @Override
    public void handle(ExecutionContext retry) {
        Call call = (Call) retry.getParameters()[0];
        if (retry.getFailure() instanceof TimeoutException) {
            // The thread that made the attempt may not have come so far.
            call.giveUp();
        }
        if (!call.resendable() || call.expired()) {
            return;
        }
        try {
            // Whether it is granted shows in the filter. The answer in hand stays open until then: if no attempt is
            // made,
            // it is the one to pass on.
            permits.obtain(call, INLINE);
        } catch (CallAbandonedException over) {
            // Without a permit the filter refuses the attempt.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
