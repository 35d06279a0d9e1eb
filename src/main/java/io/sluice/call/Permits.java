package io.sluice.call;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.PermitWait;
import io.sluice.budget.Ticker;
import io.sluice.call.failure.CallAbandonedException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/** The acquisition of permits for calls' attempts. */
@ApplicationScoped
public class Permits {
    private final Budget budget;
    private final Ticker ticker;
    private final CallMeters meters;

    Permits(Budget budget, Ticker ticker, CallMeters meters) {
        this.budget = budget;
        this.ticker = ticker;
        this.meters = meters;
    }

    /**
     * Waits for the permit of the call's next attempt, and stores it in the call.
     *
     * @param atMost how long to wait, if that is less than the caller's maximal wait
     * @throws CallAbandonedException if the caller left meanwhile, or no attempt may be sent any more; then nothing
     *     is taken
     */
    public Decision obtain(Call call, Duration atMost) throws InterruptedException {
        return obtain(call, atMost, Optional.empty());
    }

    /**
     * The same for a read.
     *
     * @param batch the reads that it can share a permit with
     */
    public Decision obtain(Call call, Duration atMost, Optional<PermitRequest.Batch> batch)
            throws InterruptedException {
        if (!call.mayBeSent()) {
            throw new CallAbandonedException();
        }
        long began = ticker.read();
        Duration maxWait = call.maxWait(began);
        PermitRequest request = call.permitRequest(maxWait.compareTo(atMost) < 0 ? maxWait : atMost);
        Decision decision;
        try {
            decision = decision(call, batch.map(request::sharing).orElse(request));
        } catch (CallAbandonedException e) {
            call.leftQueue(Duration.ofNanos(ticker.read() - began));
            throw e;
        }
        switch (decision) {
            case Decision.Granted(var permit, Duration waited) -> {
                call.hold(permit, waited);
                meters.waited(call, waited);
            }
            // The budget tells the wait only of those that it grants.
            case Decision.Denied _ -> call.leftQueue(Duration.ofNanos(ticker.read() - began));
        }
        return decision;
    }

    private Decision decision(Call call, PermitRequest request) throws InterruptedException {
        PermitWait wait = new PermitWait(budget, request);
        try (Cancellation.Registration _ = call.cancellation().onLeave(wait::end)) {
            Decision decision = wait.await().orElseThrow(CallAbandonedException::new);
            if ((call.cancellation().isAbandoned() || call.expired()) && decision instanceof Decision.Granted granted) {
                granted.permit().release();
                throw new CallAbandonedException();
            }
            return decision;
        }
    }
}
