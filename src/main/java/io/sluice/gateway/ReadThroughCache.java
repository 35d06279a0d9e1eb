package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.cache.CachePolicy;
import io.sluice.cache.CachedReads;
import io.sluice.cache.Origin;
import io.sluice.cache.ServedResult;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.call.Result;

/** The step that serves reads from the cache, by {@link CachedReads}; the next steps are its origin. */
final class ReadThroughCache implements CallHandler<Reply.Served> {
    private final CallHandler<Reply.Served> next;
    private final CachedReads reads;
    private final Budget budget;
    private final CallMeters meters;
    private final VendorExchange exchange;

    ReadThroughCache(
            CallHandler<Reply.Served> next,
            CachedReads reads,
            Budget budget,
            CallMeters meters,
            VendorExchange exchange) {
        this.next = next;
        this.reads = reads;
        this.budget = budget;
        this.meters = meters;
        this.exchange = exchange;
    }

    @Override
    public Reply.Served handle(MountCall call) throws InterruptedException {
        CachePolicy policy = call.match().caching();
        if (policy == null) {
            return next.handle(call);
        }
        ServedResult served =
                reads.read(call.request(), policy, call.preferences().cache(), new NextSteps(call));
        meters.cached(call.request(), served.status().result().tag());
        return new Reply.Served(served.result(), served.made(), served.status());
    }

    /** The next steps, for reads that are made in place of a caller's. */
    private final class NextSteps implements Origin {
        private final MountCall caller;

        NextSteps(MountCall caller) {
            this.caller = caller;
        }

        @Override
        public Call call() {
            return caller.call();
        }

        @Override
        public Result fetch(Call call) throws InterruptedException {
            return next.handle(caller.with(call)).result();
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
