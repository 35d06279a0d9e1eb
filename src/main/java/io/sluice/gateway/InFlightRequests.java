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
 * The calls that are under way in this process, and those of the last minute or so with their answers. Thread-safe.
 *
 * <p>Whoever begins a call must end it. There are as many under way as there are requests; the others are bounded.
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

    /** A call, unlike any other. */
    static final class Entry {
        private final CompletableFuture<Optional<RecordedResponse>> answer = new CompletableFuture<>();
        private @Nullable Entry before; // whose place it took; guarded by the calls, as what follows
        private boolean over;
        private boolean carriedOut;
        private long ended;

        private Entry(@Nullable Entry before) {
            this.before = before;
        }

        /** Its answer; empty once it turns out that it was not carried out. */
        CompletableFuture<Optional<RecordedResponse>> answer() {
            return answer;
        }
    }

    /**
     * What becomes of a repetition.
     *
     * @param begun whether it is the call itself that is made now; otherwise its answer is that of {@code call}
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
    void end(String name, Entry entry, Optional<RecordedResponse> answer) {
        synchronized (this) {
            entry.over = true;
            entry.carriedOut = answer.isPresent();
            entry.ended = clock.millis();
            if (entry.carriedOut) {
                // It has the place for good, and must not hold all those that had it before.
                entry.before = null;
            }
            if (underWay.remove(name, entry)) {
                putBack(name, entry);
                evict();
            }
        }
        entry.answer().complete(answer);
    }

    /** The latest that is under way or was carried out. */
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
