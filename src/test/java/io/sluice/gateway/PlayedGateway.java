package io.sluice.gateway;

import io.sluice.budget.Budget;
import io.sluice.budget.PacedBudget;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.CacheDirectives;
import io.sluice.cache.CachedReads;
import io.sluice.cache.Refreshes;
import io.sluice.cache.ResponseCache;
import io.sluice.cache.ServedResult;
import io.sluice.call.PlayedAttempts;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.call.CredentialStates;
import io.sluice.call.Permits;
import io.sluice.call.Sender;
import io.sluice.simulation.Interleaving;
import io.sluice.simulation.VirtualTime;
import io.sluice.vendor.Route;
import io.sluice.vendor.Vendor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Everything between a mount and a vendor's interface, as it is, on virtual time. */
public final class PlayedGateway {
    private final Budget budget;
    private final ResponseCache cache;
    private final VendorExchange exchange;
    private final CallChain chain;

    private record Breaking(int failures, Duration delay, Duration failureWindow) implements CircuitBreakerConfig {}

    /** Puts it before a vendor whose interface makes its attempts by {@link PlayedAttempts}. */
    public PlayedGateway(
            VirtualTime time,
            Interleaving threads,
            CallMeters meters,
            Vendor vendor,
            CacheConfig config,
            InstantSource clock) {
        GatewayConfig waiting = Configured.hosts(Map.of());
        cache = new ResponseCache(config, time::read, Duration.ofMinutes(11));
        budget = new PacedBudget(time, time);
        vendor.limits().forEach((account, limits) -> budget.define(vendor.name() + "/" + account, limits));
        Permits permits = PlayedAttempts.permits(budget, time, meters);
        exchange = new VendorExchange(
                permits,
                meters,
                new LowLimitAlerts(time, meters, budget),
                new CircuitBreakers(new Breaking(20, Duration.ofSeconds(5), Duration.ofSeconds(10)), time),
                new CallTimeouts(time, time, waiting, List.of(vendor)),
                new CredentialStates(),
                waiting,
                PlayedAttempts.unlogged());
        chain = new CallChain(
                exchange,
                new ReadBatcher(exchange, permits, meters, waiting, config),
                new CachedReads(cache, time::read, config, new Refreshes(threads)),
                cache,
                budget,
                meters,
                new OutcomeResolution(exchange, waiting, config, time),
                clock);
    }

    public Budget budget() {
        return budget;
    }

    public ResponseCache cache() {
        return cache;
    }

    /** What calls that no team makes go through. */
    public Sender sender() {
        return exchange;
    }

    /** Makes a team's call; waits, on virtual time, for the head of the answer. */
    public ServedResult make(Call call, Route.Match match, CacheDirectives directives) throws InterruptedException {
        return chain.make(call, match, directives);
    }
}
