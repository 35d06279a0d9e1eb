package io.sluice.gateway;

import io.sluice.call.IdempotencyConfig;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent requests in flight in this process, and those of the last minute or so with their
 * responses. Thread-safe.
 *
 * <p>Every call that is begun must be ended. As many are in flight as there are requests; the number of others
 * is bounded.
 */
final class InFlightRequests {
    private final IdempotencyConfig config;
    private final InstantSource clock;
    private final Map<String, Entry> underWay = new HashMap<>(); // guarded by this
    private final LinkedHashMap<String, Entry> over = new LinkedHashMap<>(); // guarded by this; the first to end first

    InFlightRequests(IdempotencyConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    /** One call with its fingerprint. */
    static final class Entry {
        private final CompletableFuture<Optional<RecordedResponse>> answer = new CompletableFuture<>();
        private @Nullable Entry before; // the entry that it replaced; guarded by the outer object, as are the following
        private boolean over;
        private boolean carriedOut;
        private long ended;

        private Entry(@Nullable Entry before) {
            this.before = before;
        }

        /** Returns the future of its response; it is empty once it turns out that the call was not executed. */
        CompletableFuture<Optional<RecordedResponse>> answer() {
            return answer;
        }
    }

    /**
     * The registration of a request.
     *
     * @param begun whether the request itself is made now; otherwise its response is that of {@code call}
     */
    record Registration(Entry call, boolean begun) {}

    /** Begins a call, unless it is known: of any number that come at once, one begins. Never waits. */
    synchronized Registration beginUnlessKnown(String name) {
        evict();
        Entry known = underWay.getOrDefault(name, over.get(name));
        return known == null ? new Registration(begin(name), true) : new Registration(known, false);
    }

    /** Begins a call, in the place of an earlier one. Never waits. */
    synchronized Entry begin(String name) {
        Entry answered = over.remove(name);
        Entry entry = new Entry(underWay.getOrDefault(name, answered));
        underWay.put(name, entry);
        return entry;
    }

    /** Completes a request. If it was not executed, the request it replaced becomes current again. */
    void end(String name, Entry entry, @Nullable RecordedResponse answer) {
        synchronized (this) {
            entry.over = true;
            entry.carriedOut = answer != null;
            entry.ended = clock.millis();
            if (entry.carriedOut) {
                // It keeps its place for good, and must not hold all those that had it before.
                entry.before = null;
            }
            if (underWay.remove(name, entry)) {
                putBack(name, entry);
                evict();
            }
        }
        entry.answer().complete(Optional.ofNullable(answer));
    }

    /** Restores the latest one that is in flight or was executed. */
    private void putBack(String name, Entry latest) {
        for (Entry entry = latest; entry != null; entry = entry.before) {
            if (!entry.over) {
                underWay.put(name, entry);
                return;
            }
            if (entry.carriedOut) {
                over.put(name, entry);
                return;
            }
        }
    }

    private void evict() {
        long old = clock.millis() - config.retryWindow().toMillis();
        Iterator<Entry> first = over.values().iterator();
        while (first.hasNext() && (first.next().ended < old || over.size() > config.maxEntries())) {
            first.remove();
        }
    }
}
