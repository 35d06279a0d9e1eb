package io.sluice.gateway;

import io.sluice.Ulids;
import io.sluice.budget.Budget;
import io.sluice.budget.PacedBudget;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.CacheDirectives;
import io.sluice.cache.CacheStatus;
import io.sluice.cache.CachedReads;
import io.sluice.cache.Refreshes;
import io.sluice.cache.ResponseCache;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.call.CallRequest;
import io.sluice.call.CredentialStates;
import io.sluice.call.Permits;
import io.sluice.call.PlayedAttempts;
import io.sluice.call.Result;
import io.sluice.call.Sender;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import io.sluice.simulation.Interleaving;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.team.Team;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/** Everything between a mount and a vendor's interface, as it is, on virtual time. */
public final class PlayedGateway {
    private final Budget budget;
    private final ResponseCache cache;
    private final VendorExchange exchange;
    private final CallHandler<Reply> chain;

    private static final Database NO_DATABASE = new Database(
            Database.Kind.SQLITE,
            (DataSource) Proxy.newProxyInstance(
                    PlayedGateway.class.getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (proxy, method, arguments) -> {
                        throw new AssertionError("nothing is stored");
                    }),
            () -> {});

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
        chain = CallChain.assemble(
                exchange,
                permits,
                new CachedReads(cache, time::read, config, new Refreshes(threads)),
                cache,
                config,
                budget,
                meters,
                (destination, team, messages) -> {
                    throw new AssertionError("nothing is sent later");
                },
                List.of(),
                new IdempotencyRecords(
                        new IdempotencyStore(NO_DATABASE),
                        waiting,
                        clock,
                        time,
                        new Ulids(clock, new SplittableRandom(0))),
                waiting,
                clock,
                time);
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

    /** A call's result, and what the cache had to do with it. */
    public record Made(Result result, CacheStatus status) {}

    /**
     * Makes a team's call; waits, on virtual time, for the head of the answer.
     *
     * @return empty if the caller left meanwhile
     */
    public Optional<Made> make(Call call, Surface surface, CacheDirectives directives) throws InterruptedException {
        CallRequest request = call.request();
        Team team = new Team(request.teamShare().team(), 1, List.of(), false, 1_000, true);
        MountCall made = new MountCall(
                new MountMatch(surface, request.account().name(), "/" + surface.mount(), request.target()),
                surface.match(request.method(), request.target()),
                team,
                request,
                new MountCall.Preferences(directives, null, false, false),
                CompletableFuture::new);
        return switch (chain.handle(made.with(call))) {
            case Reply.Served served -> Optional.of(new Made(served.result(), served.status()));
            case Reply.ClientGone() -> Optional.empty();
            case Reply.Replayed _, Reply.Accepted _, Reply.Refused _ -> throw new AssertionError("no vendor was asked");
        };
    }
}
