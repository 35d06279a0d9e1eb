package io.sluice.call;

import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.Demand;
import io.sluice.budget.Ticker;
import io.sluice.budget.Ticket;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Gets calls the permits for their attempts. */
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
     * Waits for the permit of the call's next attempt, and has the call hold it.
     *
     * @param atMost how long to wait, if that is less than the caller's patience
     * @throws CallAbandonedException if the caller left meanwhile
     */
    public Decision obtain(Call call, Duration atMost) throws InterruptedException {
        Duration patience = call.patience(ticker.read());
        Decision decision = decision(call, call.demand(patience.compareTo(atMost) < 0 ? patience : atMost));
        if (decision instanceof Decision.Granted(var permit, Duration waited)) {
            call.hold(permit, waited);
            meters.waited(call, waited);
        }
        return decision;
    }

    private Decision decision(Call call, Demand demand) throws InterruptedException {
        CompletableFuture<Decision> decided = new CompletableFuture<>();
        Ticket ticket = budget.enqueue(demand, decided::complete);
        Runnable leave = () -> {
            if (ticket.cancel()) {
                decided.completeExceptionally(new CallAbandonedException());
            }
        };
        call.whenAbandoned(leave);
        try {
            return decided.get();
        } catch (InterruptedException e) {
            leave.run();
            if (decided.getNow(null) instanceof Decision.Granted(var permit, Duration _)) {
                permit.giveBack();
            }
            throw e;
        } catch (ExecutionException e) {
            throw new CallAbandonedException();
        } finally {
            call.whenAbandoned(() -> {});
        }
    }
}
