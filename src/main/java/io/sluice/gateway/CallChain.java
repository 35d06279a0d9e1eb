package io.sluice.gateway;

import io.quarkus.arc.All;
import io.sluice.budget.Budget;
import io.sluice.budget.Ticker;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.CachedReads;
import io.sluice.cache.ResponseCache;
import io.sluice.call.CallMeters;
import io.sluice.call.Permits;
import io.sluice.delivery.AsyncPolicy;
import io.sluice.delivery.Deliveries;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.List;

/** The chain of steps that a call on a mount passes, assembled: from idempotency to the vendor. */
@ApplicationScoped
public class CallChain {
    private final CallHandler<Reply> handler;

    @Inject
    CallChain(
            VendorExchange exchange,
            Permits permits,
            CachedReads reads,
            ResponseCache cache,
            CacheConfig sizes,
            Budget budget,
            CallMeters meters,
            Deliveries deliveries,
            @All List<AsyncPolicy> policies,
            IdempotencyRecords records,
            GatewayConfig config,
            InstantSource clock,
            Ticker ticker) {
        handler = assemble(
                exchange,
                permits,
                reads,
                cache,
                sizes,
                budget,
                meters,
                deliveries::accept,
                policies,
                records,
                config,
                clock,
                ticker);
    }

    /** Assembles the steps, from the vendor outwards. */
    static CallHandler<Reply> assemble(
            VendorExchange exchange,
            Permits permits,
            CachedReads reads,
            ResponseCache cache,
            CacheConfig sizes,
            Budget budget,
            CallMeters meters,
            RespondAsync.DeliveryStore deliveries,
            List<AsyncPolicy> policies,
            IdempotencyRecords records,
            GatewayConfig config,
            InstantSource clock,
            Ticker ticker) {
        CallHandler<Reply.Served> vendor = exchange; // permit, circuit breaker, @Retry(@RateLimit(@Timeout)), redirects
        vendor = new ReadBatcher(vendor, exchange, permits, meters, config, sizes); // reads that wait become one
        vendor = new OutcomeResolution(vendor, exchange, config, sizes, ticker, clock); // unknown writes are looked up
        vendor = new CacheInvalidation(vendor, cache); // writes
        vendor = new ReadThroughCache(vendor, reads, budget, meters, exchange); // hit, single flight, stale
        CallHandler<Reply> caller = new ClientDisconnects(vendor); // a caller that leaves
        caller = new RespondAsync(caller, deliveries, policies); // Prefer: respond-async
        return new IdempotencyFilter(caller, records, config, clock, ticker); // Idempotency-Key, X-Retry-Count
    }

    /** Handles a call: waits for the head of the response, whose receiver must read its body to the end or close it. */
    Reply handle(MountCall call) throws InterruptedException {
        return handler.handle(call);
    }
}
