package io.sluice.budget;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A thread's wait for the decision on a request, which other threads may end. Thread-safe. */
public final class PermitWait {
    private final CompletableFuture<Optional<Decision>> over = new CompletableFuture<>();
    private final Ticket ticket;

    /** Queues the request; see {@link Budget#enqueue}. */
    public PermitWait(Budget budget, PermitRequest request) {
        ticket = budget.enqueue(request, decision -> over.complete(Optional.of(decision)));
    }

    /**
     * Waits for the decision, for about as long as the request allows at most. When interrupted, it leaves the queue,
     * and releases a permit that was granted meanwhile.
     *
     * @return empty if the wait was ended before there was a decision
     */
    public Optional<Decision> await() throws InterruptedException {
        try {
            return over.get();
        } catch (InterruptedException interrupted) {
            end();
            // It may be decided and not yet delivered; the deciding thread is about to.
            if (over.join().orElse(null) instanceof Decision.Granted granted) {
                granted.permit().release();
            }
            throw interrupted;
        } catch (ExecutionException impossible) {
            throw new AssertionError("a wait never fails", impossible);
        }
    }

    /** Leaves the queue, unless there is a decision. Does not wait. */
    public void end() {
        if (ticket.cancel()) {
            over.complete(Optional.empty());
        }
    }
}
