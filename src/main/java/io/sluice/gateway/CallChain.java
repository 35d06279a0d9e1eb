package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.cache.CacheDirectives;
import io.sluice.cache.CacheStatus;
import io.sluice.cache.CachedReads;
import io.sluice.cache.Origin;
import io.sluice.cache.ResponseCache;
import io.sluice.cache.ServedResult;
import io.sluice.call.Call;
import io.sluice.call.CallAbandonedException;
import io.sluice.call.CallMeters;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.reconcile.OutcomeResolver;
import io.sluice.vendor.Route;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;

/** The chain of steps that a team's call passes: cache, single flight, batch, budget, vendor. */
@ApplicationScoped
public class CallChain {
    private final VendorExchange exchange;
    private final ReadBatcher batcher;
    private final CachedReads reads;
    private final ResponseCache cache;
    private final Budget budget;
    private final CallMeters meters;
    private final OutcomeResolution resolution;
    private final InstantSource clock;

    CallChain(
            VendorExchange exchange,
            ReadBatcher batcher,
            CachedReads reads,
            ResponseCache cache,
            Budget budget,
            CallMeters meters,
            OutcomeResolution resolution,
            InstantSource clock) {
        this.exchange = exchange;
        this.batcher = batcher;
        this.reads = reads;
        this.cache = cache;
        this.budget = budget;
        this.meters = meters;
        this.resolution = resolution;
        this.clock = clock;
    }

    /**
     * Makes the call, or serves it from the cache. Waits for the head of the response; the receiver must read its body
     * to the end or close it.
     *
     * @throws io.sluice.call.CallAbandonedException if the caller left while it waited
     */
    ServedResult make(Call call, Route.Match match, CacheDirectives directives) throws InterruptedException {
        Origin origin = new BudgetAndVendor(match);
        if (call.operation().effect() == Operation.Effect.WRITE) {
            return written(call, match, origin);
        }
        if (match.caching().isEmpty()) {
            return new ServedResult(origin.fetch(call), call, CacheStatus.BYPASS);
        }
        ServedResult served = reads.read(call, match.caching().get(), directives, origin);
        meters.cached(call, served.status().result().tag());
        return served;
    }

    /**
     * Makes a write, and invalidates what it changes: the caller reads nothing older from then on, whatever the outcome
     * of the write.
     */
    private ServedResult written(Call call, Route.Match match, Origin origin) throws InterruptedException {
        try {
            if (match.outcomeResolver().isEmpty()) {
                return new ServedResult(origin.fetch(call), call, CacheStatus.WRITE);
            }
            OutcomeResolver resolver =
                    resolution.prepare(call, match.outcomeResolver().get());
            Instant began = clock.instant();
            Result result;
            try {
                result = origin.fetch(call);
            } catch (CallAbandonedException e) {
                resolution.abandoned(call, resolver);
                throw e;
            }
            return new ServedResult(resolution.resolve(call, result, began, resolver), call, CacheStatus.WRITE);
        } finally {
            if (call.attempts() > 0) {
                match.invalidation()
                        .tagsChangedBy(call.method(), call.target())
                        .ifPresentOrElse(
                                tags -> cache.invalidate(call.account().budget(), tags),
                                () -> cache.invalidateAll(call.account().budget()));
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
                    ? batcher.fetch(call, match, match.batching().get())
                    : exchange.make(call, match.api());
        }

        @Override
        public Result refresh(Call call) throws InterruptedException {
            return exchange.logged(call, () -> fetch(call));
        }

        @Override
        public boolean closed(Call call) {
            return budget.state(call.account().budget())
                    .map(state -> ClosureCheck.isClosedFor(state, call.operation()))
                    .orElse(false);
        }
    }
}
