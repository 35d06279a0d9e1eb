package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.call.CallRequest;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResponseCacheTest {
    private final VirtualTime time = new VirtualTime();

    private ResponseCache cache(long maxBytes, int maxEntries) {
        return new ResponseCache(Reads.config(maxBytes, maxEntries), time::read, Duration.ofMinutes(11));
    }

    @Test
    void an_answer_is_fresh_for_its_ttl_and_gone_in_the_end() {
        ResponseCache cache = cache(1 << 20, 10);
        CallRequest call = Reads.request("a");
        cache.store(call, Reads.POLICY, Reads.answer(1), cache.now());

        time.pass(Reads.TTL.minusNanos(1));
        assertThat(cache.fresh(call, Reads.POLICY)).isPresent();
        time.pass(Duration.ofNanos(1));
        assertThat(cache.fresh(call, Reads.POLICY)).isEmpty();
        assertThat(cache.find(Reads.POLICY.key(call))).isPresent();
        time.runUntil(Duration.ofMinutes(11).toNanos());
        assertThat(cache.find(Reads.POLICY.key(call))).isEmpty();
    }

    @Test
    void neither_entries_nor_bytes_pass_their_bounds() {
        ResponseCache few = cache(1 << 20, 10);
        ResponseCache light = cache(10_000, 1_000);
        for (int i = 0; i < 100; i++) {
            few.store(Reads.request("t" + i), Reads.POLICY, Reads.answer(i), 0);
            light.store(Reads.request("t" + i), Reads.POLICY, Reads.answer(i), 0);
        }

        assertThat(cached(few)).isBetween(1L, 10L);
        assertThat(cached(light)).isBetween(5L, 20L);
    }

    private static long cached(ResponseCache cache) {
        cache.settle();
        return IntStream.range(0, 100)
                .filter(i -> cache.fresh(Reads.request("t" + i), Reads.POLICY).isPresent())
                .count();
    }

    @Test
    void a_version_that_is_known_already_is_spared_and_an_older_one_is_never_kept_again() {
        ResponseCache cache = cache(1 << 20, 10);
        CallRequest call = Reads.request("a");
        cache.store(call, Reads.POLICY, Reads.answer(5), cache.now());

        cache.invalidate(Reads.ACCOUNT, Set.of("a"), 4);
        cache.invalidate(Reads.ACCOUNT, Set.of("a"), 5);
        assertThat(cache.fresh(call, Reads.POLICY)).isPresent();

        cache.invalidate(Reads.ACCOUNT, Set.of("a"), 6);
        assertThat(cache.fresh(call, Reads.POLICY)).isEmpty();
        assertThat(cache.store(call, Reads.POLICY, Reads.answer(5), cache.now()))
                .isFalse();
        assertThat(cache.store(call, Reads.POLICY, Reads.answer(6), cache.now()))
                .isTrue();

        cache.invalidate(Reads.ACCOUNT, Set.of("a"));
        assertThat(cache.fresh(call, Reads.POLICY)).isEmpty();
    }

    @Test
    void one_account_never_spoils_another() {
        ResponseCache cache = cache(1 << 20, 10);
        cache.store(Reads.request("a"), Reads.POLICY, Reads.answer(1), cache.now());
        AccountId other = new AccountId("clerk", "other");

        cache.invalidateAll(other);
        cache.invalidate(other, Set.of("a"));
        assertThat(cache.fresh(Reads.request("a"), Reads.POLICY)).isPresent();

        cache.invalidateAll(Reads.ACCOUNT);
        assertThat(cache.fresh(Reads.request("a"), Reads.POLICY)).isEmpty();
    }

    @Test
    void what_is_forgotten_counts_as_spoiled() {
        InvalidationLog spoilage = new InvalidationLog(2);
        long before = spoilage.now();
        spoilage.invalidate(Set.of("a"), OptionalLong.empty());
        long after = spoilage.now();
        for (String tag : new String[] {"b", "c"}) {
            spoilage.invalidate(Set.of(tag), OptionalLong.empty());
        }

        assertThat(spoilage.isValid(Set.of("z"), OptionalLong.empty(), before)).isFalse();
        assertThat(spoilage.isValid(Set.of("z"), OptionalLong.empty(), after)).isTrue();
    }
}
