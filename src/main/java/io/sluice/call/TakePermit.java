package io.sluice.call;

import io.sluice.budget.Decision;
import io.smallrye.faulttolerance.api.BeforeRetryHandler;
import jakarta.enterprise.context.Dependent;
import java.time.Duration;
import org.eclipse.microprofile.faulttolerance.ExecutionContext;

/**
 * Takes the permit for a further attempt, right before it is made. What it throws or fails to get stops nothing by
 * itself: then the filter refuses the attempt, which ends the retries, and the call goes back to the queue.
 */
@Dependent
public class TakePermit implements BeforeRetryHandler {
    /** The longest wait inside a retry loop: after a timeout the loop holds a platform thread. */
    private static final Duration INLINE = Duration.ofSeconds(2);

    private final Permits permits;

    TakePermit(Permits permits) {
        this.permits = permits;
    }

    @Override
    public void handle(ExecutionContext retry) {
        Call call = (Call) retry.getParameters()[0];
        if (!call.resendable()) {
            return;
        }
        try {
            // Without a permit the answer in hand stays open: it is then the one to pass on.
            if (permits.obtain(call, INLINE) instanceof Decision.Granted) {
                call.failure().ifPresent(TakePermit::close);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(AttemptFailedException failure) {
        if (failure instanceof HoldsAnswer answered) {
            answered.answer().close();
        }
    }
}
