package io.sluice.budget;

import io.sluice.budget.queue.FairQueue;
import io.sluice.budget.queue.QueuedRequest;
import io.sluice.budget.window.LimitCounter;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The forecast of one account: when a call that came last goes, and which limit it waits for longest. Guarded by the
 * account's lock.
 */
final class Forecast {
    private final Ledger ledger;
    private final FairQueue queue;

    Forecast(Ledger ledger, FairQueue queue) {
        this.ledger = ledger;
        this.queue = queue;
    }

    /** True if the call goes after its deadline even if every response to those before it comes at once. */
    boolean startsTooLate(long now, QueuedRequest queued) {
        if (queue.isShared(queued)) {
            // Kept for the reads that come to share its permit.
            queued.expectAt(alone(now, queued));
            return atBest(now, queued) > queued.deadline();
        }
        // Most calls are in time even if all others go first; only for the rest are the calls before them counted.
        return behind(now, queued, queued::waitedForByOthers) > queued.deadline()
                && alone(now, queued) > queued.deadline();
    }

    /** When the call goes, if every response to those before it comes at once. */
    private long atBest(long now, QueuedRequest queued) {
        long alone = alone(now, queued);
        return queued.goesAlong()
                // The others were estimated when they came, and time may have shown more since.
                ? Math.min(alone, Math.max(queue.batchGoesAt(queued), behind(now, queued, counter -> 0)))
                : alone;
    }

    /** The same by a permit of its own, even if it could share one. */
    private long alone(long now, QueuedRequest queued) {
        return behind(now, queued, counter -> queue.costBefore(queued, counter));
    }

    private long behind(long now, QueuedRequest queued, ToLongFunction<LimitCounter> ahead) {
        long at = Math.max(now, ledger.opensAt(queued.operation()));
        for (LimitCounter counter : queued.counters()) {
            at = Math.max(at, counter.forecast(now, ahead.applyAsLong(counter), queued.allowance(counter)));
        }
        return at;
    }

    /** When the call goes, if responses come at their recent pace. */
    long at(long now, QueuedRequest queued) {
        long at = atBest(now, queued);
        for (LimitCounter counter : queued.counters()) {
            at = Math.max(at, withAnswers(now, queued, counter));
        }
        return at;
    }

    /** The limit for which the call waits longest. */
    Optional<Decision.Bottleneck> bottleneck(long now, QueuedRequest queued) {
        @Nullable LimitCounter narrowest = null;
        long latest = now;
        for (LimitCounter counter : queued.counters()) {
            long at = withAnswers(now, queued, counter);
            if (at > latest) {
                latest = at;
                narrowest = counter;
            }
        }
        return narrowest == null
                ? Optional.empty()
                : Optional.of(new Decision.Bottleneck(narrowest.limit(), queue.costBefore(queued, narrowest)));
    }

    private long withAnswers(long now, QueuedRequest queued, LimitCounter counter) {
        return counter.forecastWithAnswers(now, queue.costBefore(queued, counter), queued.allowance(counter));
    }
}
