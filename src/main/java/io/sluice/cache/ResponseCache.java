package io.sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.AccountId;
import io.sluice.call.BufferedResponse;
import io.sluice.call.CallRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The response cache of all accounts: bounded by size and count, with invalidation by tags. Thread-safe; nothing in it
 * waits.
 *
 * <p>An account's keys and tags contain the account, so that a response never serves another account.
 */
@RegisterForReflection(
        classNames = {"com.github.benmanes.caffeine.cache.SSMWW", "com.github.benmanes.caffeine.cache.PSWMW"})
public final class ResponseCache {
    /** The tag of everything that an account has. */
    private static final String EVERYTHING = "";

    private static final int REMEMBERED_TAGS = 100_000;

    private final Ticker ticker;
    private final Cache<String, CachedResponse> answers;
    private final InvalidationLog invalidations = new InvalidationLog(REMEMBERED_TAGS);

    /** @param longest the longest time that an entry may be kept */
    public ResponseCache(CacheConfig config, Ticker ticker, Duration longest) {
        this.ticker = ticker;
        long maxBytes = config.maxBytes().asLongValue();
        // Caffeine bounds the sum of the weights, and not the count. A least weight per entry bounds the count too.
        int least = (int) Math.min(Integer.MAX_VALUE, Math.max(1, maxBytes / config.maxEntries()));
        this.answers = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((String key, CachedResponse cached) -> Math.max(least, cached.weight() + 2 * key.length()))
                .expireAfterWrite(longest)
                .ticker(ticker)
                .build();
    }

    /** Returns a moment to be taken before a fetch begins. */
    public long now() {
        return invalidations.now();
    }

    /** Evicts what exceeds the bounds now rather than soon; for tests. */
    void settle() {
        answers.cleanUp();
    }

    /** Returns the entry cached for the key and not invalidated, whatever its age. */
    Optional<CachedResponse> find(String key) {
        CachedResponse cached = answers.getIfPresent(key);
        if (cached == null) {
            return Optional.empty();
        }
        if (!invalidations.isValid(cached.tags(), cached.version(), cached.since())) {
            answers.asMap().remove(key, cached);
            return Optional.empty();
        }
        return Optional.of(cached);
    }

    /**
     * Returns the response that is cached for a call, fresh, and not invalidated.
     *
     * @param policy that of the call's route
     */
    public Optional<BufferedResponse> fresh(CallRequest call, CachePolicy policy) {
        return find(policy.key(call))
                .filter(cached -> cached.fresh(ticker.read()))
                .map(CachedResponse::answer);
    }

    /**
     * Caches a response if the policy allows it and nothing has invalidated it meanwhile.
     *
     * @param since the moment before its fetch began
     * @return whether it is cached
     */
    public boolean store(CallRequest call, CachePolicy policy, BufferedResponse answer, long since) {
        Duration ttl = policy.ttl(answer.status());
        if (!ttl.isPositive()) {
            return false;
        }
        TaggingRule.TaggedContent described =
                policy.tagging().of(call, answer.status(), answer.body()).orElse(null);
        if (described == null) {
            return false;
        }
        List<String> tags = tags(call.account().id(), described.tags());
        if (!invalidations.isValid(tags, described.version(), since)) {
            return false;
        }
        // If it was invalidated between the check and this line, a later lookup finds it invalid.
        answers.put(policy.key(call), new CachedResponse(answer, ttl, ticker.read(), since, tags, described.version()));
        return true;
    }

    /** Returns true if a read that began at {@code since} may be shared with one that begins now. */
    boolean shareable(CallRequest call, CachePolicy policy, long since) {
        return invalidations.isValid(tags(call.account().id(), policy.tagging().of(call)), OptionalLong.empty(), since);
    }

    /**
     * Invalidates everything that an account has with one of the tags: no read that begins from now on gets it.
     */
    public void invalidate(AccountId account, Set<String> tags) {
        invalidations.invalidate(tagged(account, tags), OptionalLong.empty());
    }

    /** Invalidates what an account has with one of the tags and is older than {@code version}, or has no version. */
    public void invalidate(AccountId account, Set<String> tags, long version) {
        invalidations.invalidate(tagged(account, tags), OptionalLong.of(version));
    }

    /** Invalidates everything that an account has. */
    public void invalidateAll(AccountId account) {
        invalidations.invalidate(List.of(tag(account.toString(), EVERYTHING)), OptionalLong.empty());
    }

    private static List<String> tagged(AccountId account, Collection<String> tags) {
        String name = account.toString();
        return tags.stream().map(tag -> tag(name, tag)).toList();
    }

    private static List<String> tags(AccountId account, Collection<String> tags) {
        String name = account.toString();
        List<String> all = new ArrayList<>(tags.size() + 1);
        all.add(tag(name, EVERYTHING));
        tags.forEach(tag -> all.add(tag(name, tag)));
        return all;
    }

    private static String tag(String account, String tag) {
        return account + ' ' + tag;
    }
}
