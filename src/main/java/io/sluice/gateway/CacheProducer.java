package io.sluice.gateway;

import io.quarkus.arc.All;
import io.quarkus.virtual.threads.VirtualThreads;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Ticker;
import io.sluice.cache.CacheConfig;
import io.sluice.cache.CachePolicy;
import io.sluice.cache.CachedReads;
import io.sluice.cache.Refreshes;
import io.sluice.cache.ResponseCache;
import io.sluice.saas.Vendor;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;

/** The producer of the response cache of all accounts; checks its configuration. */
@Singleton
public class CacheProducer {
    @Produces
    @Singleton
    ResponseCache cache(CacheConfig config, Ticker ticker, @All List<Vendor> vendors) {
        long maxBytes = config.maxBytes().asLongValue();
        long maxBody = config.maxBody().asLongValue();
        InvalidConfigException.check(
                maxBody <= maxBytes && maxBody < Integer.MAX_VALUE,
                "sluice.cache.max-body",
                () -> "must be less than 2G and at most sluice.cache.max-bytes, " + maxBytes + ": " + maxBody);
        InvalidConfigException.check(
                !config.maxStale().isNegative(),
                "sluice.cache.max-stale",
                () -> "must not be negative: " + config.maxStale());
        InvalidConfigException.check(
                config.refreshPermitTimeout().isPositive(),
                "sluice.cache.refresh-permit-timeout",
                () -> "must be longer than 0: " + config.refreshPermitTimeout());
        Duration longest = vendors.stream()
                .flatMap(vendor -> vendor.surfaces().stream())
                .flatMap(surface -> surface.routes().stream())
                .flatMap(route -> route.caching().stream())
                .flatMap(CacheProducer::ttls)
                .reduce(config.maxStale().plusMillis(1), (one, other) -> one.compareTo(other) < 0 ? other : one);
        return new ResponseCache(config, ticker::read, longest);
    }

    @Produces
    @Singleton
    CachedReads reads(ResponseCache cache, CacheConfig config, Ticker ticker, @VirtualThreads ExecutorService threads) {
        return new CachedReads(cache, ticker::read, config, new Refreshes(threads));
    }

    private static Stream<Duration> ttls(CachePolicy policy) {
        return Stream.of(policy.ttl(), policy.missingTtl());
    }
}
