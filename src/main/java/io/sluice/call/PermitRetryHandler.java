package io.sluice.call;

import io.sluice.call.failure.CallAbandonedException;
import io.smallrye.faulttolerance.api.BeforeRetryHandler;
import jakarta.enterprise.context.Dependent;
import java.time.Duration;
import org.eclipse.microprofile.faulttolerance.ExecutionContext;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/**
 * The retry handler that obtains the permit for a further attempt, right before it is made. If it throws or gets no
 * permit, that does not end the retries by itself: then the filter refuses the attempt, which ends them, and the call
 * goes back to the queue.
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
            // The thread that made the attempt may not have got as far as this.
            call.attempts().giveUp();
        }
        if (!call.attempts().resendable() || call.expired()) {
            return;
        }
        try {
            // If it is granted, the filter finds the permit. The response at hand stays open until then: if no attempt
            // is made, it is the one to forward.
            permits.obtain(call, INLINE);
        } catch (CallAbandonedException over) {
            // Without a permit the filter refuses the attempt.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
