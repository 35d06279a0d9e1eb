package io.sluice.cache;

import io.quarkus.runtime.configuration.MemorySize;
import io.sluice.AccountId;
import io.sluice.budget.Priority;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.CallBuilder;
import io.sluice.call.CallRequest;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Reads of things that have a version and nothing else. */
final class Reads {
    static final AccountId ACCOUNT = new AccountId("clerk", "default");
    static final Duration TTL = Duration.ofSeconds(60);

    private static final AtomicLong IDS = new AtomicLong();

    /** A body is the thing's version. */
    private static final TaggingRule BY_ID = new TaggingRule() {
        @Override
        public Set<String> of(CallRequest call) {
            return Set.of(call.variables().getOrDefault("id", ""));
        }

        @Override
        public Optional<TaggedContent> of(CallRequest call, int status, byte[] body) {
            return Optional.of(new TaggedContent(of(call), status == 404 ? OptionalLong.empty() : version(body)));
        }

        private OptionalLong version(byte[] body) {
            return OptionalLong.of(Long.parseLong(new String(body, StandardCharsets.US_ASCII)));
        }
    };

    static final CachePolicy POLICY = new CachePolicy(TTL, Duration.ofSeconds(5), List.of("V"), BY_ID);

    private Reads() {}

    static Call of(String id, String query, Priority priority, long deadline) {
        return CallBuilder.of("GET", "/things/" + id + query)
                .id("req_" + IDS.incrementAndGet())
                .account(CallBuilder.account("clerk", "default"))
                .variables(Map.of("id", id))
                .priority(priority)
                .deadline(deadline)
                .make();
    }

    static Call of(String id) {
        return of(id, "", Priority.INTERACTIVE, Long.MAX_VALUE);
    }

    static CallRequest request(String id) {
        return of(id).request();
    }

    static BufferedResponse answer(long version) {
        return new BufferedResponse(
                200, new MultivaluedHashMap<>(), Long.toString(version).getBytes(StandardCharsets.US_ASCII));
    }

    static long version(BufferedResponse answer) {
        return Long.parseLong(new String(answer.body(), StandardCharsets.US_ASCII));
    }

    static CacheConfig config(long maxBytes, int maxEntries) {
        return new Sizes(size(maxBytes), maxEntries, size(1000), Duration.ofMinutes(10), 10, Duration.ofMinutes(5));
    }

    private static MemorySize size(long bytes) {
        return new MemorySize(BigInteger.valueOf(bytes));
    }

    private record Sizes(
            MemorySize maxBytes,
            int maxEntries,
            MemorySize maxBody,
            Duration maxStale,
            int maxRefreshes,
            Duration refreshPermitTimeout)
            implements CacheConfig {}
}
