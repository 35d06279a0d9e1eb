package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Result;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Reads of one caller through the cache. */
class CachedReadsTest {
    private final CacheConfig config = Reads.config(1 << 20, 100);
    private final CachedReads reads = new CachedReads(
            new ResponseCache(config, () -> 0, Duration.ofMinutes(11)), () -> 0, config, new Refreshes(Runnable::run));
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void a_call_is_made_for_a_miss_and_none_for_a_fresh_hit() throws InterruptedException {
        ServedResult miss = read();
        int madeForMiss = made.get();
        ServedResult hit = read();

        assertThat(miss.status().result()).isEqualTo(CacheStatus.Result.MISS);
        assertThat(miss.made()).as("the call that was sent").isNotNull();
        assertThat(madeForMiss).as("calls made for the miss").isOne();
        assertThat(hit.status().result()).isEqualTo(CacheStatus.Result.HIT);
        assertThat(hit.made()).as("a call for the hit").isNull();
        assertThat(made.get() - madeForMiss).as("calls made for the hit").isZero();
    }

    private ServedResult read() throws InterruptedException {
        CallRequest request = Reads.request("1");
        return reads.read(request, Reads.POLICY, CacheDirectives.NONE, new Origin() {
            @Override
            public Call call() {
                made.incrementAndGet();
                return new Call(request);
            }

            @Override
            public Result fetch(Call call) {
                return Reads.answer(1).result();
            }

            @Override
            public boolean closed(Call call) {
                return false;
            }
        });
    }
}
