package io.sluice.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.sluice.call.IdempotencyConfig;
import io.sluice.http.BodiesConfig;
import io.sluice.http.PermitWaitConfig;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A configuration for tests that need no Quarkus. */
public record Configured(Map<String, String> hosts, long keptBytes, long keptTogetherBytes, long maxBytes)
        implements GatewayConfig {
    private record Waiting(Duration byDefault, Duration max, int maxRequeues, Duration beforeBroadcast)
            implements PermitWaitConfig {}

    private record Kept(
            Duration retryWindow,
            int maxEntries,
            MemorySize maxResponse,
            MemorySize maxRequest,
            Duration pollInterval,
            Duration retention)
            implements IdempotencyConfig {}

    private record Checkpoints(
            boolean persist, Duration checkpointInterval, Duration checkpointTimeout, Duration checkpointRetryDelay)
            implements Budget {}

    private record Weights(MemorySize bufferMax, MemorySize bufferTotal, MemorySize max, MemorySize maxApi)
            implements BodiesConfig {}

    /** With these host names for mounts. */
    public static Configured hosts(Map<String, String> hosts) {
        return new Configured(hosts, 512, 1024, 4096);
    }

    /** With these sizes, in bytes. */
    public static Configured bodies(long kept, long keptTogether) {
        return new Configured(Map.of(), kept, keptTogether, 4096);
    }

    @Override
    public Budget budget() {
        return new Checkpoints(false, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(1));
    }

    @Override
    public Optional<Set<String>> shadowAccounts() {
        return Optional.empty();
    }

    @Override
    public int maxRedirects() {
        return 3;
    }

    @Override
    public Duration callTimeout() {
        return Duration.ofSeconds(60);
    }

    @Override
    public PermitWaitConfig permitWait() {
        return new Waiting(Duration.ofSeconds(30), Duration.ofSeconds(300), 10, Duration.ofSeconds(2));
    }

    @Override
    public IdempotencyConfig idempotency() {
        return new Kept(
                Duration.ofSeconds(60), 3, size(64), size(keptBytes), Duration.ofMillis(10), Duration.ofHours(24));
    }

    @Override
    public BodiesConfig bodies() {
        return new Weights(size(keptBytes), size(keptTogetherBytes), size(maxBytes), size(maxBytes));
    }

    private static MemorySize size(long bytes) {
        return new MemorySize(BigInteger.valueOf(bytes));
    }
}
