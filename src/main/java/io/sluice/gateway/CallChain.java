package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.cache.CacheStatus;
import io.sluice.cache.CachedReads;
import io.sluice.cache.Origin;
import io.sluice.cache.ResponseCache;
import io.sluice.cache.Served;
import io.sluice.cache.Wishes;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.CallMeters;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.vendor.Route;
import io.sluice.vendor.Settling;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;

/** What a call of a team goes through: cache, single flight, batch, budget, vendor. */
@ApplicationScoped
public class CallChain {
    private final Gateway gateway;
    private final Batches batches;
    private final CachedReads reads;
    private final ResponseCache cache;
    private final Budget budget;
    private final CallMeters meters;
    private final Outcomes outcomes;
    private final InstantSource clock;

    CallChain(
            Gateway gateway,
            Batches batches,
            CachedReads reads,
            ResponseCache cache,
            Budget budget,
            CallMeters meters,
            Outcomes outcomes,
            InstantSource clock) {
        this.gateway = gateway;
        this.batches = batches;
        this.reads = reads;
        this.cache = cache;
        this.budget = budget;
        this.meters = meters;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /**
     * Makes the call, or finds that it need not be made. Waits for the head of the answer; whoever gets an answer must
     * read its body to the end or close it.
     *
     * @throws io.sluice.call.CallAbandonedException if the caller left while it waited
     */
    Served make(Call call, Route.Match match, Wishes wishes) throws InterruptedException {
        Origin origin = new BudgetAndVendor(match);
        if (call.operation().effect() == Operation.Effect.WRITE) {
            return written(call, match, origin);
        }
        if (match.caching().isEmpty()) {
            return new Served(origin.fetch(call), call, CacheStatus.BYPASS);
        }
        Served served = reads.read(call, match.caching().get(), wishes, origin);
        meters.cached(call, served.status().result().tag());
        return served;
    }

    /** Whoever made a write reads nothing older from then on, whatever became of it. */
    private Served written(Call call, Route.Match match, Origin origin) throws InterruptedException {
        try {
            if (match.settling().isEmpty()) {
                return new Served(origin.fetch(call), call, CacheStatus.WRITE);
            }
            Settling settling = outcomes.ready(call, match.settling().get());
            Instant began = clock.instant();
            Result result;
            try {
                result = origin.fetch(call);
            } catch (CallAbandonedException e) {
                outcomes.abandoned(call, settling);
                throw e;
            }
            return new Served(outcomes.settle(call, result, began, settling), call, CacheStatus.WRITE);
        } finally {
            if (call.attempts() > 0) {
                match.spoiling()
                        .by(call.method(), call.target())
                        .ifPresentOrElse(
                                tags -> cache.spoil(call.account().budget(), tags),
                                () -> cache.spoilAll(call.account().budget()));
            }
        }
    }

    /** The budget, and the vendor behind it; reads that wait become one. */
    private final class BudgetAndVendor implements Origin {
        private final Route.Match match;

        BudgetAndVendor(Route.Match match) {
            this.match = match;
        }

        @Override
        public Result fetch(Call call) throws InterruptedException {
            return match.batching().isPresent()
                    ? batches.fetch(call, match, match.batching().get())
                    : gateway.make(call, match.api());
        }

        @Override
        public Result refresh(Call call) throws InterruptedException {
            return gateway.logged(call, () -> fetch(call));
        }

        @Override
        public boolean closed(Call call) {
            return budget.state(call.account().budget())
                    .map(state -> Closings.hold(state, call.operation()))
                    .orElse(false);
        }
    }
}
